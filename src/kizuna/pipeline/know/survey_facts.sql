-- One row a customer and day by which she has answered a survey: the latest answer of each kind.
-- NPS as it was given, 0 to 10. CSAT and CES as a share of their scale, 0 to 100, high = satisfied
-- and high = easy, whichever way the question was asked; empty where the scale is not known.
WITH scaled AS (
    SELECT
        responses.customer_id,
        CAST(
            responses.answered_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE
        ) AS day,
        responses.kind,
        responses.score,
        100 * (responses.score - responses.scale_low)
        / nullif(responses.scale_high - responses.scale_low, 0) AS share,
        CASE WHEN trim(responses.comment) <> '' THEN 1 ELSE 0 END AS commented
    FROM responses
    CROSS JOIN run
),

answers AS (
    SELECT
        customer_id,
        day,
        avg(CASE WHEN kind = 'nps' THEN score END) AS nps,
        avg(CASE WHEN kind = 'csat' THEN share END) AS csat,
        avg(CASE WHEN kind = 'ces' THEN share WHEN kind = 'ces1' THEN 100 - share END) AS ces,
        count(*) AS answers,
        sum(commented) AS comments
    FROM scaled
    GROUP BY customer_id, day
),

found AS (
    SELECT
        moments.customer_id,
        moments.day,
        max(CASE WHEN answers.nps IS NOT NULL THEN answers.day END) AS nps_day,
        max(CASE WHEN answers.csat IS NOT NULL THEN answers.day END) AS csat_day,
        max(CASE WHEN answers.ces IS NOT NULL THEN answers.day END) AS ces_day,
        max(answers.day) AS last_day,
        sum(
            CASE
                WHEN date_diff('day', answers.day, moments.day) < 365 THEN answers.answers ELSE 0
            END
        ) AS answers,
        sum(
            CASE
                WHEN date_diff('day', answers.day, moments.day) < 365 THEN answers.comments ELSE 0
            END
        ) AS comments
    FROM fact_moments AS moments
    INNER JOIN answers ON moments.customer_id = answers.customer_id AND answers.day <= moments.day
    GROUP BY moments.customer_id, moments.day
)

SELECT
    found.customer_id,
    found.day,
    n.nps,
    CAST(date_diff('day', found.nps_day, found.day) AS INTEGER) AS nps_days_ago,
    s.csat,
    e.ces,
    CAST(found.answers AS BIGINT) AS answers_365d,
    CAST(found.comments AS BIGINT) AS comments_365d,
    found.last_day AS newest_answer_on
FROM found
LEFT JOIN answers AS n ON found.customer_id = n.customer_id AND found.nps_day = n.day
LEFT JOIN answers AS s ON found.customer_id = s.customer_id AND found.csat_day = s.day
LEFT JOIN answers AS e ON found.customer_id = e.customer_id AND found.ces_day = e.day
