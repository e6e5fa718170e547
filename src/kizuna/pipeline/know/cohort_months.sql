-- One row a cohort and month of age with any order or return: who bought, and what it brought.
-- Amounts in minor units, net of returns; up to and including the last day observed.
-- A return from before the first purchase (a log that begins in mid-life) counts at age 0.
WITH months AS (
    SELECT
        customer_id,
        CAST(date_trunc('month', day) AS DATE) AS month,
        count(*) AS purchases,
        sum(amount) AS amount
    FROM purchase_days CROSS JOIN run
    WHERE day <= as_of
    GROUP BY customer_id, CAST(date_trunc('month', day) AS DATE)
    UNION ALL
    SELECT customer_id, CAST(date_trunc('month', day) AS DATE), 0, amount
    FROM returns CROSS JOIN run
    WHERE day <= as_of
),

placed AS (
    SELECT
        CAST(date_trunc('month', history.first_purchase) AS DATE) AS cohort,
        greatest(
            months.month, CAST(date_trunc('month', history.first_purchase) AS DATE)
        ) AS month,
        months.purchases,
        months.amount
    FROM months
    INNER JOIN order_history AS history ON months.customer_id = history.customer_id
)

SELECT
    cohort,
    CAST(date_diff('month', cohort, month) AS INTEGER) AS age_months,
    count(*) FILTER (WHERE purchases > 0) AS active,
    CAST(sum(amount) AS BIGINT) AS value
FROM placed
GROUP BY cohort, month
