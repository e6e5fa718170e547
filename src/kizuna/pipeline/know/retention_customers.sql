-- One row a customer and currency of those who paid twelve months before the last month: what they
-- bring now. Their sums are the last row of mrr_retention of that currency.
WITH last_month AS (
    SELECT CAST(date_trunc('month', as_of) AS DATE) AS month FROM run
),

paying AS (
    SELECT customer_id, currency, month, CAST(sum(mrr) AS BIGINT) AS mrr
    FROM contract_months
    GROUP BY customer_id, currency, month
    HAVING sum(mrr) > 0
)

SELECT
    before.customer_id,
    before.currency,
    last_month.month,
    before.mrr AS mrr_before,
    coalesce(today.mrr, 0) AS mrr_now,
    least(before.mrr, coalesce(today.mrr, 0)) AS mrr_kept,
    coalesce(today.mrr, 0) - before.mrr AS change,
    CASE
        WHEN today.mrr IS NULL THEN 'lost'
        WHEN today.mrr > before.mrr THEN 'grown'
        WHEN today.mrr < before.mrr THEN 'shrunk'
        ELSE 'kept'
    END AS outcome
FROM paying AS before
INNER JOIN last_month ON before.month = CAST(last_month.month - INTERVAL 12 MONTH AS DATE)
LEFT JOIN paying AS today
    ON before.customer_id = today.customer_id
    AND before.currency = today.currency
    AND today.month = last_month.month
