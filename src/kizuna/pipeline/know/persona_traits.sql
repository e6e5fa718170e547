-- One row a customer who has bought and moment: how she behaved up to the last day, and up to half a
-- year before, from which personas are found; what she bought since shows whether they mean a thing.
WITH moments AS (
    SELECT 'now' AS moment, as_of AS day FROM run
    UNION ALL
    SELECT 'then', CAST(as_of - INTERVAL 182 DAY AS DATE) FROM run
),

bought AS (
    SELECT
        purchase_days.customer_id,
        moments.moment,
        moments.day,
        count(*) AS purchases,
        avg(CAST(purchase_days.amount AS DOUBLE)) AS mean_purchase,
        avg(CASE WHEN month(purchase_days.day) IN (5, 12) THEN 1.0 ELSE 0.0 END) AS gift_season,
        -- counted from a Saturday: engines number the days of the week each in their own way
        avg(
            CASE
                WHEN date_diff('day', DATE '1900-01-06', purchase_days.day) % 7 IN (0, 1) THEN 1.0
                ELSE 0.0
            END
        ) AS weekend,
        date_diff('day', min(purchase_days.day), moments.day) / 365.25 AS years
    FROM purchase_days
    INNER JOIN moments ON purchase_days.day <= moments.day
    GROUP BY purchase_days.customer_id, moments.moment, moments.day
),

later AS (
    SELECT purchase_days.customer_id, CAST(sum(purchase_days.amount) AS DOUBLE) AS value
    FROM purchase_days
    INNER JOIN moments ON purchase_days.day > moments.day
    CROSS JOIN run
    WHERE moments.moment = 'then' AND purchase_days.day <= run.as_of
    GROUP BY purchase_days.customer_id
),

asked AS (
    SELECT interactions.customer_id, moments.moment, count(*) AS contacts
    FROM interactions
    INNER JOIN moments ON CAST(interactions.happened_at AS DATE) <= moments.day
    WHERE
        coalesce(interactions.direction, 'in') = 'in'
        AND date_diff('day', CAST(interactions.happened_at AS DATE), moments.day) < 365
    GROUP BY interactions.customer_id, moments.moment
),

came AS (
    SELECT
        events.customer_id,
        moments.moment,
        count(DISTINCT CAST(events.happened_at AS DATE)) AS days
    FROM events
    INNER JOIN moments ON CAST(events.happened_at AS DATE) <= moments.day
    WHERE date_diff('day', CAST(events.happened_at AS DATE), moments.day) < 90
    GROUP BY events.customer_id, moments.moment
),

-- where nothing of a kind was recorded by then, nothing is known; else nothing happened
recorded AS (
    SELECT
        moments.moment,
        (SELECT min(happened_at) FROM interactions) < moments.day - INTERVAL 365 DAY AS contacts,
        (SELECT min(happened_at) FROM events) < moments.day - INTERVAL 89 DAY AS events
    FROM moments
)

SELECT
    bought.customer_id,
    bought.moment,
    CAST(bought.purchases AS DOUBLE) / greatest(bought.years, 0.5) AS purchases_a_year,
    bought.mean_purchase,
    CAST(bought.gift_season AS DOUBLE) AS gift_season,
    CAST(bought.weekend AS DOUBLE) AS weekend,
    CASE WHEN recorded.contacts THEN CAST(coalesce(asked.contacts, 0) AS DOUBLE) END
        AS contacts_a_year,
    CASE WHEN recorded.events THEN CAST(coalesce(came.days, 0) AS DOUBLE) END AS visits,
    CASE WHEN bought.moment = 'then' THEN coalesce(later.value, 0.0) END AS later_value
FROM bought
INNER JOIN recorded ON bought.moment = recorded.moment
LEFT JOIN later ON bought.customer_id = later.customer_id
LEFT JOIN asked ON bought.customer_id = asked.customer_id AND bought.moment = asked.moment
LEFT JOIN came ON bought.customer_id = came.customer_id AND bought.moment = came.moment
