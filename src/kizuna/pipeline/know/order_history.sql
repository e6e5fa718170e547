-- One row a customer: what the models need of the purchases up to and including the last day
-- observed. Amounts in minor units, before returns.
SELECT
    customer_id,
    min(day) AS first_purchase,
    max(day) AS last_purchase,
    count(*) AS purchase_days,
    CAST(sum(orders) AS BIGINT) AS orders,
    min_by(amount, day) AS first_amount,
    CAST(sum(amount) AS BIGINT) AS amount
FROM purchase_days CROSS JOIN run
WHERE day <= as_of
GROUP BY customer_id
