-- One row a customer and day: what went back that day, negative, in minor units.
-- Returns of one who never bought are not of a customer's value, and left out by those who read.
SELECT
    customer_id,
    ordered_on AS day,
    CAST(sum(amount) AS BIGINT) AS amount
FROM transactions
WHERE amount < 0
GROUP BY customer_id, ordered_on
