-- One row a customer: repeat purchases, recency and age, in periods of the run.
SELECT
    customer_id,
    first_purchase,
    last_purchase,
    purchase_days - 1 AS frequency,
    date_diff('day', first_purchase, last_purchase) / CAST(days_per_period AS DOUBLE) AS recency,
    date_diff('day', first_purchase, as_of) / CAST(days_per_period AS DOUBLE) AS age,
    orders
FROM order_history CROSS JOIN run
