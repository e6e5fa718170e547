-- One row a text of a customer, up to the last day: beside an answer, or in a contact that came in.
-- Scores stand on one scale each, high = good, so that a scale entered upside down comes out right.
WITH scored AS (
    SELECT
        responses.response_id,
        responses.customer_id,
        responses.case_id,
        responses.answered_at,
        responses.survey,
        responses.comment,
        lower(responses.kind) AS kind,
        (responses.score - responses.scale_low)
        / nullif(responses.scale_high - responses.scale_low, 0) AS part
    FROM responses
    CROSS JOIN run
    WHERE responses.answered_at < run.as_of + INTERVAL 1 DAY
),

cases AS (
    SELECT customer_id, case_id, avg(100 * part) AS csat
    FROM scored
    WHERE kind = 'csat' AND case_id IS NOT NULL AND part IS NOT NULL
    GROUP BY customer_id, case_id
),

said AS (
    SELECT
        customer_id,
        concat('answer:', response_id) AS comment_id,
        CAST(answered_at AS DATE) AS said_on,
        'answer' AS source,
        survey AS channel,
        comment AS text,
        CASE WHEN kind = 'nps' THEN 10 * part END AS nps,
        CASE WHEN kind = 'csat' THEN 100 * part END AS csat
    FROM scored
    UNION ALL
    SELECT
        interactions.customer_id,
        concat('contact:', interactions.interaction_id),
        CAST(interactions.happened_at AS DATE),
        'contact',
        interactions.channel,
        interactions.text,
        CAST(NULL AS DOUBLE),
        cases.csat
    FROM interactions
    CROSS JOIN run
    LEFT JOIN cases
        ON interactions.customer_id = cases.customer_id AND interactions.case_id = cases.case_id
    WHERE
        coalesce(interactions.direction, 'in') = 'in'
        AND interactions.happened_at < run.as_of + INTERVAL 1 DAY
)

SELECT
    said.customer_id,
    said.comment_id,
    said.said_on,
    said.source,
    said.channel,
    trim(said.text) AS text,
    CASE WHEN said.nps BETWEEN 0 AND 10 THEN said.nps END AS nps,
    CASE WHEN said.csat BETWEEN 0 AND 100 THEN said.csat END AS csat,
    said.said_on > run.as_of - INTERVAL 365 DAY AS recent
FROM said
CROSS JOIN run
WHERE trim(coalesce(said.text, '')) <> ''
