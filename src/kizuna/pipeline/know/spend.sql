-- One row a customer: the amounts of the repeat purchase days, in minor units.
SELECT
    customer_id,
    purchase_days - 1 AS orders,
    CAST(amount - first_amount AS DOUBLE) / nullif(purchase_days - 1, 0) AS mean_spend,
    amount - first_amount AS total,
    amount_squares - CAST(first_amount AS DOUBLE) * first_amount AS total_squares,
    historical_value
FROM order_history
