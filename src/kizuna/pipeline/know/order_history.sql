-- One row a customer: what the models need of the orders up to and including the last day observed.
-- Orders of one day are one purchase. A return (negative amount) lowers the value, never the count.
-- Amounts in minor units.
WITH days AS (
    SELECT
        customer_id,
        ordered_on AS day,
        count(*) FILTER (WHERE amount >= 0) AS orders,
        CAST(coalesce(sum(amount) FILTER (WHERE amount >= 0), 0) AS BIGINT) AS purchased,
        CAST(sum(amount) AS BIGINT) AS net
    FROM transactions CROSS JOIN run
    WHERE ordered_on <= as_of
    GROUP BY customer_id, ordered_on
)

SELECT
    customer_id,
    min(day) FILTER (WHERE orders > 0) AS first_purchase,
    max(day) FILTER (WHERE orders > 0) AS last_purchase,
    count(*) FILTER (WHERE orders > 0) AS purchase_days,
    CAST(sum(orders) AS BIGINT) AS orders,
    arg_min(purchased, day) FILTER (WHERE orders > 0) AS first_amount,
    CAST(sum(purchased) AS BIGINT) AS amount,
    sum(CAST(purchased AS DOUBLE) * purchased) AS amount_squares,
    CAST(sum(net) AS BIGINT) AS historical_value
FROM days
GROUP BY customer_id
HAVING sum(orders) > 0
