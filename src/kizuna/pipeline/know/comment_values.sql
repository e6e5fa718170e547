-- What those are worth who said anything: value to come of shops, recurring revenue of contracts in
-- the currency of most.
WITH speakers AS (
    SELECT customer_id FROM comments GROUP BY customer_id
),

main AS (
    SELECT currency FROM contract_terms GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1
),

recurring AS (
    SELECT contract_terms.customer_id, CAST(sum(contract_terms.mrr) AS BIGINT) AS mrr
    FROM contract_terms
    INNER JOIN main ON contract_terms.currency = main.currency
    GROUP BY contract_terms.customer_id
)

SELECT speakers.customer_id, clv_scores.residual_clv AS value, recurring.mrr
FROM speakers
LEFT JOIN clv_scores ON speakers.customer_id = clv_scores.customer_id
LEFT JOIN recurring ON speakers.customer_id = recurring.customer_id
