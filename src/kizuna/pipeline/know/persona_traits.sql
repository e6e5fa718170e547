-- One row a customer who has bought and moment: how she behaved up to the last day, and up to half a
-- year before, from which personas are found; and what she did in the half year since, which shows
-- whether they mean a thing.
WITH moments AS (
    SELECT 'now' AS moment, CAST('1900-01-01' AS DATE) AS after, as_of AS day FROM run
    UNION ALL
    SELECT 'then', CAST('1900-01-01' AS DATE), CAST(as_of - INTERVAL 182 DAY AS DATE) FROM run
    UNION ALL
    SELECT 'since', CAST(as_of - INTERVAL 182 DAY AS DATE), as_of FROM run
),

-- payments are no visits
visits AS (
    SELECT events.customer_id, CAST(events.happened_at AS DATE) AS day
    FROM events
    LEFT JOIN payment_events AS payments ON events.name = payments.name
    WHERE payments.name IS NULL
),

-- where nothing of a kind was recorded by then, nothing is known; else nothing happened
recorded AS (
    SELECT
        moments.moment,
        CASE WHEN contacts.day < moments.day - INTERVAL 365 DAY THEN contacts.day END AS contacts,
        seen.day < moments.day - INTERVAL 90 DAY AS visits
    FROM moments
    CROSS JOIN (SELECT CAST(min(happened_at) AS DATE) AS day FROM interactions) AS contacts
    CROSS JOIN (SELECT min(day) AS day FROM visits) AS seen
),

bought AS (
    SELECT
        purchase_days.customer_id,
        moments.moment,
        moments.day,
        count(*) AS purchases,
        count(CASE WHEN purchase_days.day >= recorded.contacts THEN 1 END) AS asked_of,
        avg(CAST(purchase_days.amount AS DOUBLE)) AS mean_purchase,
        avg(CASE WHEN month(purchase_days.day) IN (5, 12) THEN 1.0 ELSE 0.0 END) AS gift_season,
        -- counted from a Saturday: engines number the days of the week each in their own way
        avg(
            CASE
                WHEN date_diff('day', DATE '1900-01-06', purchase_days.day) % 7 IN (0, 1) THEN 1.0
                ELSE 0.0
            END
        ) AS weekend,
        date_diff('day', min(purchase_days.day), max(purchase_days.day)) AS span
    FROM purchase_days
    INNER JOIN moments
        ON purchase_days.day > moments.after AND purchase_days.day <= moments.day
    INNER JOIN recorded ON moments.moment = recorded.moment
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

-- purchases of which something went back by the moment
returned AS (
    SELECT returns.customer_id, moments.moment, count(DISTINCT returns.purchased_on) AS purchases
    FROM returns
    INNER JOIN moments
        ON returns.purchased_on > moments.after AND returns.day <= moments.day
    GROUP BY returns.customer_id, moments.moment
),

-- purchases with a question to the service within a week
asked AS (
    SELECT purchase_days.customer_id, moments.moment, count(DISTINCT purchase_days.day) AS purchases
    FROM interactions
    INNER JOIN purchase_days
        ON interactions.customer_id = purchase_days.customer_id
        AND abs(date_diff('day', CAST(interactions.happened_at AS DATE), purchase_days.day)) <= 7
    INNER JOIN moments
        ON purchase_days.day > moments.after AND purchase_days.day <= moments.day
        AND CAST(interactions.happened_at AS DATE) <= moments.day
    WHERE coalesce(interactions.direction, 'in') = 'in'
    GROUP BY purchase_days.customer_id, moments.moment
),

came AS (
    SELECT
        visits.customer_id,
        moments.moment,
        count(DISTINCT floor(date_diff('day', visits.day, moments.day) / 7.0)) AS weeks
    FROM visits
    INNER JOIN moments ON visits.day <= moments.day
    WHERE date_diff('day', visits.day, moments.day) < 91
    GROUP BY visits.customer_id, moments.moment
)

SELECT
    bought.customer_id,
    bought.moment,
    bought.purchases,
    bought.asked_of,
    CASE WHEN bought.purchases > 1 THEN CAST(bought.span AS DOUBLE) / (bought.purchases - 1) END
        AS days_between,
    bought.mean_purchase,
    CAST(bought.gift_season AS DOUBLE) AS gift_season,
    CAST(bought.weekend AS DOUBLE) AS weekend,
    least(CAST(coalesce(returned.purchases, 0) AS DOUBLE) / bought.purchases, 1.0) AS sent_back,
    CASE
        WHEN bought.asked_of > 0
            THEN least(CAST(coalesce(asked.purchases, 0) AS DOUBLE) / bought.asked_of, 1.0)
    END AS asked,
    CASE WHEN recorded.visits THEN CAST(coalesce(came.weeks, 0) AS DOUBLE) / 13 END AS visits,
    CASE WHEN bought.moment = 'then' THEN coalesce(later.value, 0.0) END AS later_value
FROM bought
INNER JOIN recorded ON bought.moment = recorded.moment
LEFT JOIN later ON bought.customer_id = later.customer_id
LEFT JOIN returned
    ON bought.customer_id = returned.customer_id AND bought.moment = returned.moment
LEFT JOIN asked ON bought.customer_id = asked.customer_id AND bought.moment = asked.moment
LEFT JOIN came ON bought.customer_id = came.customer_id AND bought.moment = came.moment
