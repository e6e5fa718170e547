-- One row a customer and day: what went back that day, negative, in minor units; and the day of the
-- purchase that it is booked on, the customer's latest one on that day or before.
SELECT
    customer_id,
    ordered_on AS day,
    max(purchased_on) AS purchased_on,
    CAST(sum(amount) AS BIGINT) AS amount
FROM transactions
WHERE amount < 0
GROUP BY customer_id, ordered_on
