-- One row a customer and day: orders of one day are one purchase. Amounts in minor units.
-- An order of amount 0 is a purchase; returns (negative amounts) are in `returns`.
SELECT
    customer_id,
    ordered_on AS day,
    count(*) AS orders,
    CAST(sum(amount) AS BIGINT) AS amount
FROM transactions
WHERE amount >= 0
GROUP BY customer_id, ordered_on
