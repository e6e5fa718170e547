-- One row a cohort and month of age with any order or return: who bought, and what it brought.
-- Amounts in minor units, net of returns; up to and including the last day observed.
-- A return from before the first purchase (a log that begins in mid-life) counts at age 0.
WITH months AS (
    SELECT
        customer_id,
        CAST(date_trunc('month', first_on) AS DATE) AS cohort,
        CAST(date_trunc('month', day) AS DATE) AS month,
        count(*) AS purchases,
        sum(amount) AS amount
    FROM purchase_days CROSS JOIN run
    WHERE day <= as_of
    GROUP BY
        customer_id,
        CAST(date_trunc('month', first_on) AS DATE),
        CAST(date_trunc('month', day) AS DATE)
),

placed AS (
    SELECT cohort, month, purchases, amount FROM months
    UNION ALL
    SELECT
        CAST(date_trunc('month', history.first_purchase) AS DATE),
        greatest(
            CAST(date_trunc('month', returns.day) AS DATE),
            CAST(date_trunc('month', history.first_purchase) AS DATE)
        ),
        0,
        returns.amount
    FROM returns
    CROSS JOIN run
    INNER JOIN order_history AS history ON returns.customer_id = history.customer_id
    WHERE returns.day <= run.as_of
)

SELECT
    cohort,
    CAST(date_diff('month', cohort, month) AS INTEGER) AS age_months,
    count(*) FILTER (WHERE purchases > 0) AS active,
    CAST(sum(amount) AS BIGINT) AS value
FROM placed
GROUP BY cohort, month
