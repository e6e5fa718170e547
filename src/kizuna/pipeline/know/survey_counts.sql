-- Who was asked in each wave of a survey and what came back, by what the customers are now: of all,
-- by segment, and by fifths of the value to come. Customers of no known value are a part of theirs.
WITH fifths AS (
    SELECT
        customer_id,
        CAST(ntile(5) OVER (ORDER BY residual_clv DESC, customer_id) AS VARCHAR) AS fifth
    FROM valued_customers
    WHERE residual_clv IS NOT NULL
),

asked AS (
    SELECT
        asks.survey_no,
        asks.wave_no,
        asks.kind,
        asks.asked_on,
        coalesce(valued.rfm_segment, '') AS segment,
        coalesce(fifths.fifth, '') AS fifth,
        CASE WHEN responses.response_id IS NULL THEN 0 ELSE 1 END AS answered,
        responses.score
    FROM survey_asks AS asks
    CROSS JOIN run
    LEFT JOIN responses
        ON asks.response_id = responses.response_id
        AND CAST(
            responses.answered_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE
        ) <= run.as_of
    LEFT JOIN valued_customers AS valued ON asks.customer_id = valued.customer_id
    LEFT JOIN fifths ON asks.customer_id = fifths.customer_id
    WHERE asks.asked_on <= run.as_of
),

cuts AS (
    SELECT survey_no, wave_no, kind, asked_on, answered, score, 'all' AS cut, '' AS part FROM asked
    UNION ALL
    SELECT survey_no, wave_no, kind, asked_on, answered, score, 'segment', segment FROM asked
    UNION ALL
    SELECT survey_no, wave_no, kind, asked_on, answered, score, 'value', fifth FROM asked
),

sorted AS (
    SELECT
        survey_no,
        wave_no,
        cut,
        part,
        kind,
        asked_on,
        answered,
        score,
        CASE
            WHEN kind = 'nps' AND score <= 6 THEN 1
            WHEN kind = 'csat' AND score <= 2 THEN 1
            WHEN kind = 'ces' AND score <= 3 THEN 1
            ELSE 0
        END AS low,
        CASE
            WHEN kind = 'nps' AND score >= 9 THEN 1
            WHEN kind = 'csat' AND score >= 4 THEN 1
            WHEN kind = 'ces' AND score >= 5 THEN 1
            ELSE 0
        END AS top
    FROM cuts
)

SELECT
    survey_no,
    wave_no,
    cut,
    part,
    min(kind) AS kind,
    min(asked_on) AS first_on,
    count(*) AS asked,
    CAST(sum(answered) AS BIGINT) AS answered,
    count(score) AS scored,
    CAST(sum(low) AS BIGINT) AS low,
    CAST(sum(top) AS BIGINT) AS top,
    coalesce(sum(score), 0.0) AS total,
    coalesce(sum(score * score), 0.0) AS squares
FROM sorted
GROUP BY survey_no, wave_no, cut, part
