-- One row a customer: the amounts of the repeat purchases, in minor units.
-- Returns lower the historical value; they do not touch the mean that the models want.
WITH returned AS (
    SELECT customer_id, CAST(sum(amount) AS BIGINT) AS amount
    FROM returns CROSS JOIN run
    WHERE day <= as_of
    GROUP BY customer_id
)

SELECT
    history.customer_id,
    history.purchase_days - 1 AS orders,
    CAST(history.amount - history.first_amount AS DOUBLE)
    / nullif(history.purchase_days - 1, 0) AS mean_spend,
    history.amount - history.first_amount AS total,
    history.amount + coalesce(returned.amount, 0) AS historical_value
FROM order_history AS history
LEFT JOIN returned ON history.customer_id = returned.customer_id
