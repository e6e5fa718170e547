-- One row a currency and month: what the customers of twelve months before still bring. New
-- customers are left out; a customer who left and came back counts with what is paid now.
WITH paying AS (
    SELECT customer_id, currency, month, CAST(sum(mrr) AS BIGINT) AS mrr
    FROM contract_months
    GROUP BY customer_id, currency, month
    HAVING sum(mrr) > 0
),

pairs AS (
    SELECT
        before.currency,
        CAST(before.month + INTERVAL 12 MONTH AS DATE) AS month,
        before.mrr AS mrr_before,
        coalesce(today.mrr, 0) AS mrr_now
    FROM paying AS before
    CROSS JOIN run
    LEFT JOIN paying AS today
        ON before.customer_id = today.customer_id
        AND before.currency = today.currency
        AND today.month = CAST(before.month + INTERVAL 12 MONTH AS DATE)
    WHERE CAST(before.month + INTERVAL 12 MONTH AS DATE) <= run.as_of
)

SELECT
    currency,
    month,
    count(*) AS customers,
    count(*) FILTER (WHERE mrr_now = 0) AS customers_lost,
    CAST(sum(mrr_before) AS BIGINT) AS mrr_before,
    CAST(sum(mrr_now) AS BIGINT) AS mrr_now,
    CAST(sum(least(mrr_before, mrr_now)) AS BIGINT) AS mrr_kept,
    sum(mrr_now) / CAST(sum(mrr_before) AS DOUBLE) AS net_retention,
    sum(least(mrr_before, mrr_now)) / CAST(sum(mrr_before) AS DOUBLE) AS gross_retention
FROM pairs
GROUP BY currency, month
