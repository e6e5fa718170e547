-- One row a customer and day: orders of one day are one purchase. Amounts in minor units.
-- An order of amount 0 is a purchase; returns (negative amounts) are in `returns`. Each knows its
-- number, the customer's first, and the next, which may lie after the last day observed.
SELECT
    customer_id,
    ordered_on AS day,
    count(*) AS orders,
    CAST(sum(amount) AS BIGINT) AS amount,
    CAST(row_number() OVER own AS INTEGER) AS number,
    min(ordered_on) OVER own AS first_on,
    lead(ordered_on) OVER own AS next_on
FROM transactions
WHERE amount >= 0
GROUP BY customer_id, ordered_on
WINDOW own AS (PARTITION BY customer_id ORDER BY ordered_on)
