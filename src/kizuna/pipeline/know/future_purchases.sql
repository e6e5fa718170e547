-- One row a customer of `purchases`: what followed after the last day observed, until the end of
-- the future that a back-test compares with. Amounts in minor units, net of what of these purchases
-- went back by then, a purchase being worth no less than 0.
WITH returned AS (
    SELECT customer_id, purchased_on, CAST(sum(amount) AS BIGINT) AS amount
    FROM returns CROSS JOIN run
    WHERE purchased_on > as_of AND day <= until
    GROUP BY customer_id, purchased_on
),

future AS (
    SELECT
        days.customer_id,
        count(*) AS purchases,
        CAST(sum(greatest(days.amount + coalesce(returned.amount, 0), 0)) AS BIGINT) AS amount
    FROM purchase_days AS days
    CROSS JOIN run
    LEFT JOIN returned
        ON days.customer_id = returned.customer_id AND days.day = returned.purchased_on
    WHERE days.day > run.as_of AND days.day <= run.until
    GROUP BY days.customer_id
)

SELECT
    history.customer_id,
    coalesce(future.purchases, 0) AS purchases,
    coalesce(future.amount, 0) AS amount
FROM order_history AS history
LEFT JOIN future ON history.customer_id = future.customer_id
