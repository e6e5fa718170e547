-- Stage, persona and worth of each customer on the last day.
WITH main AS (
    SELECT currency FROM contract_terms GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1
),

recurring AS (
    SELECT contract_terms.customer_id, CAST(sum(contract_terms.mrr) AS BIGINT) AS mrr
    FROM contract_terms
    INNER JOIN main ON contract_terms.currency = main.currency
    GROUP BY contract_terms.customer_id
)

SELECT
    valued.customer_id,
    coalesce(stages.lifecycle_stage, 'none') AS stage,
    coalesce(personas.persona, 'none') AS persona,
    valued.residual_clv AS value,
    recurring.mrr
FROM valued_customers AS valued
LEFT JOIN lifecycle_stages AS stages ON valued.customer_id = stages.customer_id
LEFT JOIN personas ON valued.customer_id = personas.customer_id
LEFT JOIN recurring ON valued.customer_id = recurring.customer_id
