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

first_contact AS (
    SELECT CAST(min(happened_at) AS DATE) AS day FROM interactions
),

-- where nothing of a kind was recorded by then, nothing is known; else nothing happened
recorded AS (
    SELECT
        moments.moment,
        CASE WHEN contacts.day < moments.day - INTERVAL 365 DAY THEN contacts.day END AS contacts,
        seen.day < moments.day - INTERVAL 90 DAY AS visits
    FROM moments
    CROSS JOIN first_contact AS contacts
    CROSS JOIN (SELECT min(day) AS day FROM visits) AS seen
),

-- purchases are counted before and since half a year ago; a moment has either, or both
parts AS (
    SELECT
        purchase_days.customer_id,
        CASE WHEN purchase_days.day > half.day THEN 1 ELSE 0 END AS is_late,
        count(*) AS purchases,
        count(CASE WHEN purchase_days.day >= first_contact.day THEN 1 END) AS asked_of,
        sum(CAST(purchase_days.amount AS DOUBLE)) AS amount,
        count(CASE WHEN month(purchase_days.day) IN (5, 12) THEN 1 END) AS gift_season,
        -- counted from a Saturday: engines number the days of the week each in their own way
        count(
            CASE
                WHEN date_diff('day', DATE '1900-01-06', purchase_days.day) % 7 IN (0, 1) THEN 1
            END
        ) AS weekend,
        min(purchase_days.day) AS first_day,
        max(purchase_days.day) AS last_day
    FROM purchase_days
    CROSS JOIN first_contact
    CROSS JOIN run
    CROSS JOIN (SELECT day FROM moments WHERE moment = 'then') AS half
    WHERE purchase_days.day <= run.as_of
    GROUP BY purchase_days.customer_id, CASE WHEN purchase_days.day > half.day THEN 1 ELSE 0 END
),

parts_of AS (
    SELECT 'now' AS moment, 0 AS is_late
    UNION ALL
    SELECT 'now', 1
    UNION ALL
    SELECT 'then', 0
    UNION ALL
    SELECT 'since', 1
),

bought AS (
    SELECT
        parts.customer_id,
        parts_of.moment,
        CAST(sum(parts.purchases) AS BIGINT) AS purchases,
        CAST(sum(CASE WHEN recorded.contacts IS NULL THEN 0 ELSE parts.asked_of END) AS BIGINT)
            AS asked_of,
        sum(parts.amount) / sum(parts.purchases) AS mean_purchase,
        CAST(sum(parts.gift_season) AS DOUBLE) / sum(parts.purchases) AS gift_season,
        CAST(sum(parts.weekend) AS DOUBLE) / sum(parts.purchases) AS weekend,
        date_diff('day', min(parts.first_day), max(parts.last_day)) AS span
    FROM parts
    INNER JOIN parts_of ON parts.is_late = parts_of.is_late
    INNER JOIN recorded ON parts_of.moment = recorded.moment
    GROUP BY parts.customer_id, parts_of.moment
),

later AS (
    SELECT customer_id, amount AS value FROM parts WHERE is_late = 1
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
