-- One row a customer and touchpoint of the last 365 days. A day with a touch is dropped where no
-- touch at any touchpoint follows on a later day within 30 days. Effort is that of issues whose
-- contact the touch was, or that began up to seven days after it; answers are those given up to 14
-- days after it.
WITH latest AS (
    SELECT days.customer_id, days.touchpoint, days.day, days.touches
    FROM journey_days AS days
    CROSS JOIN run
    WHERE days.day > run.as_of - INTERVAL 365 DAY
),

followed AS (
    SELECT
        latest.customer_id,
        latest.touchpoint,
        latest.day,
        latest.touches,
        min(latest.day) OVER next_days AS next_day
    FROM latest
    WINDOW next_days AS (
        PARTITION BY latest.customer_id
        ORDER BY date_diff('day', DATE '1970-01-01', latest.day)
        RANGE BETWEEN 1 FOLLOWING AND 30 FOLLOWING
    )
),

been AS (
    SELECT
        followed.customer_id,
        followed.touchpoint,
        CAST(sum(followed.touches) AS BIGINT) AS touches,
        max(followed.day) AS last_on,
        CAST(sum(
            CASE WHEN date_diff('day', followed.day, run.as_of) >= 30 THEN 1 ELSE 0 END
        ) AS BIGINT) AS looked_at,
        CAST(sum(
            CASE
                WHEN date_diff('day', followed.day, run.as_of) < 30 THEN 0
                WHEN followed.next_day IS NOT NULL THEN 0
                ELSE 1
            END
        ) AS BIGINT) AS dropped
    FROM followed
    CROSS JOIN run
    GROUP BY followed.customer_id, followed.touchpoint
),

begun AS (
    SELECT customer_id, issue_id, min(day) AS day
    FROM issue_contacts
    GROUP BY customer_id, issue_id
),

hard AS (
    SELECT latest.customer_id, latest.touchpoint, begun.issue_id
    FROM latest
    INNER JOIN journey_touchpoints AS designed ON latest.touchpoint = designed.touchpoint
    INNER JOIN begun
        ON latest.customer_id = begun.customer_id
        AND begun.day >= latest.day
        AND begun.day <= latest.day + INTERVAL 7 DAY
    WHERE designed.source <> 'contact'
    UNION
    SELECT contacts.customer_id, names.touchpoint, contacts.issue_id
    FROM issue_contacts AS contacts
    INNER JOIN journey_names AS names
        ON names.source = 'contact' AND (names.name = '*' OR names.name = contacts.channel)
    CROSS JOIN run
    WHERE contacts.direction = 'in' AND contacts.day > run.as_of - INTERVAL 365 DAY
),

efforts AS (
    SELECT hard.customer_id, hard.touchpoint, count(*) AS issues, avg(scores.effort) AS effort
    FROM hard
    INNER JOIN effort_scores AS scores
        ON hard.customer_id = scores.customer_id AND hard.issue_id = scores.issue_id
    GROUP BY hard.customer_id, hard.touchpoint
),

scored AS (
    SELECT
        responses.customer_id,
        responses.response_id,
        CAST(
            responses.answered_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE
        ) AS day,
        lower(responses.kind) AS kind,
        (responses.score - responses.scale_low)
        / nullif(responses.scale_high - responses.scale_low, 0) AS part
    FROM responses
    CROSS JOIN run
),

answered AS (
    SELECT
        latest.customer_id,
        latest.touchpoint,
        scored.response_id,
        scored.kind,
        max(scored.part) AS part
    FROM latest
    INNER JOIN scored
        ON latest.customer_id = scored.customer_id
        AND scored.day >= latest.day
        AND scored.day <= latest.day + INTERVAL 14 DAY
    CROSS JOIN run
    WHERE scored.part BETWEEN 0 AND 1 AND scored.kind IN ('csat', 'nps') AND scored.day <= run.as_of
    GROUP BY latest.customer_id, latest.touchpoint, scored.response_id, scored.kind
),

felt AS (
    SELECT
        customer_id,
        touchpoint,
        CAST(sum(CASE WHEN kind = 'csat' THEN 1 ELSE 0 END) AS BIGINT) AS csat_answers,
        avg(CASE WHEN kind = 'csat' THEN 100 * part END) AS satisfaction,
        CAST(sum(CASE WHEN kind = 'nps' THEN 1 ELSE 0 END) AS BIGINT) AS nps_answers,
        avg(CASE WHEN kind = 'nps' THEN 10 * part END) AS recommendation
    FROM answered
    GROUP BY customer_id, touchpoint
)

SELECT
    been.customer_id,
    been.touchpoint,
    been.touches,
    been.last_on,
    been.looked_at,
    been.dropped,
    coalesce(efforts.issues, 0) AS issues,
    efforts.effort,
    coalesce(felt.csat_answers, 0) AS csat_answers,
    felt.satisfaction,
    coalesce(felt.nps_answers, 0) AS nps_answers,
    felt.recommendation
FROM been
LEFT JOIN efforts
    ON been.customer_id = efforts.customer_id AND been.touchpoint = efforts.touchpoint
LEFT JOIN felt ON been.customer_id = felt.customer_id AND been.touchpoint = felt.touchpoint
