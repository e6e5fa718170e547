-- How often each answer was given to a question of a wave, with the interval of its share by Wilson
-- (1927) at 90 %.
WITH counted AS (
    SELECT survey_no, wave_no, question_no, reply, count(*) AS replies
    FROM survey_replies
    GROUP BY survey_no, wave_no, question_no, reply
),

shared AS (
    SELECT
        survey_no,
        wave_no,
        question_no,
        reply,
        replies,
        sum(replies) OVER (PARTITION BY survey_no, wave_no, question_no) AS of_replies
    FROM counted
),

told AS (
    SELECT
        survey_no,
        wave_no,
        question_no,
        reply,
        replies,
        CAST(of_replies AS BIGINT) AS of_replies,
        CAST(replies AS DOUBLE) / of_replies AS share,
        CAST(of_replies AS DOUBLE) AS n,
        1.6448536269514722 AS z
    FROM shared
),

bounds AS (
    SELECT
        survey_no,
        wave_no,
        question_no,
        reply,
        replies,
        of_replies,
        share,
        (share + z * z / (2 * n)) / (1 + z * z / n) AS middle,
        z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) AS half
    FROM told
)

SELECT
    survey_no,
    wave_no,
    question_no,
    reply,
    replies,
    of_replies,
    share,
    greatest(0.0, middle - half) AS share_low,
    least(1.0, middle + half) AS share_high
FROM bounds
