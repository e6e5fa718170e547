-- One row a customer and day by which she has been seen in events: how often she comes, how much of
-- the product she touches, how many of her people. The change is against her own mean of the 84
-- days before, as far as she was observed then, and empty where that is less than 28 days.
WITH active AS (
    SELECT customer_id, day, CAST(sum(events) AS BIGINT) AS events
    FROM use_days
    GROUP BY customer_id, day
),

seen AS (
    SELECT
        moments.customer_id,
        moments.day,
        min(active.day) AS first_day,
        max(active.day) AS last_day,
        sum(CASE WHEN date_diff('day', active.day, moments.day) < 28 THEN 1 ELSE 0 END) AS days,
        sum(
            CASE WHEN date_diff('day', active.day, moments.day) < 28 THEN active.events ELSE 0 END
        ) AS events,
        sum(
            CASE WHEN date_diff('day', active.day, moments.day) BETWEEN 28 AND 111 THEN 1 ELSE 0 END
        ) AS days_before
    FROM fact_moments AS moments
    INNER JOIN active ON moments.customer_id = active.customer_id AND active.day <= moments.day
    GROUP BY moments.customer_id, moments.day
),

latest AS (
    SELECT
        moments.customer_id,
        moments.day,
        count(DISTINCT used.name) AS names,
        count(DISTINCT CASE WHEN used.person <> '' THEN used.person END) AS people
    FROM fact_moments AS moments
    INNER JOIN use_days AS used
        ON
            moments.customer_id = used.customer_id
            AND used.day <= moments.day
            AND used.day > CAST(moments.day - INTERVAL 28 DAY AS DATE)
    GROUP BY moments.customer_id, moments.day
),

observed AS (
    SELECT *, least(date_diff('day', first_day, day) - 27, 84) AS observed_days
    FROM seen
)

SELECT
    observed.customer_id,
    observed.day,
    CAST(observed.days AS BIGINT) AS active_days_28d,
    CASE
        WHEN observed.observed_days >= 28
            THEN CAST(observed.days_before AS DOUBLE) * 28 / observed.observed_days
    END AS active_days_usual,
    CASE
        WHEN observed.observed_days >= 28
            THEN
                observed.days * CAST(observed.observed_days AS DOUBLE)
                / nullif(28 * observed.days_before, 0) - 1
    END AS active_days_change,
    coalesce(latest.names, 0) AS breadth_28d,
    CASE
        WHEN observed.days > 0 THEN observed.events / CAST(observed.days AS DOUBLE)
        ELSE 0.0
    END AS depth_28d,
    CAST(date_diff('day', observed.last_day, observed.day) AS INTEGER) AS days_since_use,
    CASE WHEN observed.days > 0 THEN nullif(latest.people, 0) ELSE 0 END AS users_28d,
    observed.last_day AS newest_use_on
FROM observed
LEFT JOIN latest ON observed.customer_id = latest.customer_id AND observed.day = latest.day
