-- One row a day with purchases: customers who bought, and how many of them for the first time.
-- The future of a back-test is included; amounts in minor units, before returns.
WITH new_customers AS (
    SELECT first_purchase AS day, count(*) AS first_purchases
    FROM order_history
    GROUP BY first_purchase
),

days AS (
    SELECT day, count(*) AS purchases, CAST(sum(amount) AS BIGINT) AS amount
    FROM purchase_days CROSS JOIN run
    WHERE day <= until
    GROUP BY day
)

SELECT
    days.day,
    days.purchases,
    coalesce(new_customers.first_purchases, 0) AS first_purchases,
    days.amount
FROM days
LEFT JOIN new_customers ON days.day = new_customers.day
ORDER BY days.day
