-- One row a customer and day by which she has bought: how lately, how often, how much.
-- Amounts in minor units, before returns; a change is empty where there was nothing before.
WITH bought AS (
    SELECT
        moments.customer_id,
        moments.day,
        min(purchases.day) AS first_day,
        max(purchases.day) AS last_day,
        count(*) AS purchases,
        sum(
            CASE WHEN date_diff('day', purchases.day, moments.day) < 90 THEN purchases.orders ELSE 0 END
        ) AS orders,
        sum(
            CASE
                WHEN date_diff('day', purchases.day, moments.day) BETWEEN 90 AND 179
                    THEN purchases.orders
                ELSE 0
            END
        ) AS orders_before,
        sum(
            CASE WHEN date_diff('day', purchases.day, moments.day) < 90 THEN purchases.amount ELSE 0 END
        ) AS spend,
        sum(
            CASE
                WHEN date_diff('day', purchases.day, moments.day) BETWEEN 90 AND 179
                    THEN purchases.amount
                ELSE 0
            END
        ) AS spend_before
    FROM fact_moments AS moments
    INNER JOIN purchase_days AS purchases
        ON moments.customer_id = purchases.customer_id AND purchases.day <= moments.day
    GROUP BY moments.customer_id, moments.day
),

given_back AS (
    SELECT moments.customer_id, moments.day, count(*) AS returns
    FROM fact_moments AS moments
    INNER JOIN returns ON moments.customer_id = returns.customer_id
    WHERE returns.day <= moments.day AND date_diff('day', returns.day, moments.day) < 365
    GROUP BY moments.customer_id, moments.day
)

SELECT
    bought.customer_id,
    bought.day,
    CAST(bought.orders AS BIGINT) AS orders_90d,
    CAST(bought.orders AS DOUBLE) / nullif(bought.orders_before, 0) - 1 AS orders_change_90d,
    CAST(bought.spend AS BIGINT) AS spend_90d,
    CAST(bought.spend AS DOUBLE) / nullif(bought.spend_before, 0) - 1 AS spend_change_90d,
    CAST(date_diff('day', bought.last_day, bought.day) AS INTEGER) AS days_since_purchase,
    CAST(date_diff('day', bought.first_day, bought.last_day) AS DOUBLE)
    / nullif(bought.purchases - 1, 0) AS usual_gap_days,
    coalesce(given_back.returns, 0) AS returns_365d,
    bought.last_day AS newest_purchase_on
FROM bought
LEFT JOIN given_back
    ON bought.customer_id = given_back.customer_id AND bought.day = given_back.day
