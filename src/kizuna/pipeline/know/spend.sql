-- One row a customer: the amounts of the repeat purchases, net of what of them went back by the last
-- day observed, in minor units. A purchase is worth no less than 0 and stays a purchase: it shows
-- that the customer was there. The historical value is net of all returns.
WITH returned AS (
    SELECT customer_id, purchased_on, CAST(sum(amount) AS BIGINT) AS amount
    FROM returns CROSS JOIN run
    WHERE day <= as_of
    GROUP BY customer_id, purchased_on
),

booked AS (
    SELECT
        returned.customer_id,
        CAST(sum(returned.amount) AS BIGINT) AS amount,
        CAST(
            sum(
                CASE
                    WHEN returned.purchased_on > history.first_purchase
                        THEN greatest(returned.amount, -days.amount)
                    ELSE 0
                END
            ) AS BIGINT
        ) AS of_repeats
    FROM returned
    INNER JOIN order_history AS history ON returned.customer_id = history.customer_id
    LEFT JOIN purchase_days AS days
        ON returned.customer_id = days.customer_id AND returned.purchased_on = days.day
    GROUP BY returned.customer_id
)

SELECT
    history.customer_id,
    history.purchase_days - 1 AS orders,
    CAST(history.amount - history.first_amount + coalesce(booked.of_repeats, 0) AS DOUBLE)
    / nullif(history.purchase_days - 1, 0) AS mean_spend,
    history.amount - history.first_amount + coalesce(booked.of_repeats, 0) AS total,
    history.amount + coalesce(booked.amount, 0) AS historical_value
FROM order_history AS history
LEFT JOIN booked ON history.customer_id = booked.customer_id
