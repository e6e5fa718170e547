-- One row a customer of `purchases`: what followed after the last day observed, until the end of
-- the future that a back-test compares with. Amounts in minor units, before returns.
WITH future AS (
    SELECT customer_id, count(*) AS purchases, CAST(sum(amount) AS BIGINT) AS amount
    FROM purchase_days CROSS JOIN run
    WHERE day > as_of AND day <= until
    GROUP BY customer_id
)

SELECT
    history.customer_id,
    coalesce(future.purchases, 0) AS purchases,
    coalesce(future.amount, 0) AS amount
FROM order_history AS history
LEFT JOIN future ON history.customer_id = future.customer_id
