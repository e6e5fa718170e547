-- One row a customer, currency and month at whose end she pays, or twelve months after which she paid:
-- what all her contracts bring then, what they brought twelve months before, and the month in which
-- she first paid. Who pays nothing any more stands here with 0 for a year.
WITH paying AS (
    SELECT customer_id, currency, month, CAST(sum(mrr) AS BIGINT) AS mrr
    FROM contract_months
    GROUP BY customer_id, currency, month
    HAVING sum(mrr) > 0
),

both_years AS (
    SELECT customer_id, currency, month, mrr, 0 AS mrr_before FROM paying
    UNION ALL
    SELECT
        paying.customer_id,
        paying.currency,
        CAST(paying.month + INTERVAL 12 MONTH AS DATE),
        0,
        paying.mrr
    FROM paying
    CROSS JOIN run
    WHERE CAST(paying.month + INTERVAL 12 MONTH AS DATE) <= run.as_of
)

SELECT
    years.customer_id,
    years.currency,
    years.month,
    CAST(date_trunc('month', min(won.day)) AS DATE) AS cohort,
    min(won.after) AS mrr_first,
    CAST(sum(years.mrr_before) AS BIGINT) AS mrr_before,
    CAST(sum(years.mrr) AS BIGINT) AS mrr_now,
    CAST(least(sum(years.mrr_before), sum(years.mrr)) AS BIGINT) AS mrr_kept,
    CAST(sum(years.mrr) - sum(years.mrr_before) AS BIGINT) AS change,
    CASE
        WHEN sum(years.mrr_before) = 0 THEN 'new'
        WHEN sum(years.mrr) = 0 THEN 'lost'
        WHEN sum(years.mrr) > sum(years.mrr_before) THEN 'grown'
        WHEN sum(years.mrr) < sum(years.mrr_before) THEN 'shrunk'
        ELSE 'kept'
    END AS outcome
FROM both_years AS years
INNER JOIN contract_events AS won
    ON years.customer_id = won.customer_id
    AND years.currency = won.currency
    AND won.kind = 'new'
GROUP BY years.customer_id, years.currency, years.month
