-- The map: each touchpoint for each stage and persona of today, and for all together. Of what was
-- never recorded nothing is known; that nobody came is told only where others ever did.
WITH ends AS (
    SELECT 'own' AS stage_of, 'own' AS persona_of
    UNION ALL SELECT 'own', 'all'
    UNION ALL SELECT 'all', 'own'
    UNION ALL SELECT 'all', 'all'
),

named AS (
    SELECT count(*) AS rows_of FROM personas
),

grouped AS (
    SELECT
        members.customer_id,
        CASE WHEN ends.stage_of = 'all' THEN 'all' ELSE members.stage END AS stage,
        CASE WHEN ends.persona_of = 'all' THEN 'all' ELSE members.persona END AS persona,
        members.value,
        members.mrr
    FROM journey_members AS members
    CROSS JOIN ends
    CROSS JOIN named
    WHERE ends.persona_of = 'all' OR named.rows_of > 0
),

sizes AS (
    SELECT stage, persona, count(*) AS members FROM grouped GROUP BY stage, persona
),

seen AS (
    SELECT touchpoint, count(*) AS days FROM journey_days GROUP BY touchpoint
),

sources AS (
    SELECT 'contact' AS source, count(*) AS rows_of FROM interactions
    UNION ALL SELECT 'order', count(*) FROM transactions
    UNION ALL SELECT 'contract', count(*) FROM contracts
    UNION ALL SELECT 'answer', count(*) FROM responses
),

measured AS (
    SELECT
        been.touchpoint,
        grouped.stage,
        grouped.persona,
        count(*) AS customers,
        CAST(sum(been.touches) AS BIGINT) AS touches,
        CAST(sum(been.looked_at) AS BIGINT) AS looked_at,
        CAST(sum(been.dropped) AS BIGINT) AS dropped,
        CAST(sum(been.issues) AS BIGINT) AS issues,
        sum(been.effort * been.issues) / nullif(sum(been.issues), 0) AS effort,
        CAST(sum(been.csat_answers) AS BIGINT) AS csat_answers,
        sum(been.satisfaction * been.csat_answers) / nullif(sum(been.csat_answers), 0)
            AS satisfaction,
        CAST(sum(been.nps_answers) AS BIGINT) AS nps_answers,
        sum(been.recommendation * been.nps_answers) / nullif(sum(been.nps_answers), 0)
            AS recommendation,
        sum(grouped.value) AS value,
        CAST(sum(grouped.mrr) AS BIGINT) AS mrr
    FROM journey_customers AS been
    INNER JOIN grouped ON been.customer_id = grouped.customer_id
    GROUP BY been.touchpoint, grouped.stage, grouped.persona
),

cells AS (
    SELECT
        designed.touchpoint,
        sizes.stage,
        sizes.persona,
        sizes.stage = 'all'
        OR concat('|', designed.stages, '|') LIKE concat('%|', sizes.stage, '|%') AS planned,
        seen.days IS NOT NULL OR coalesce(sources.rows_of, 0) > 0 AS recorded,
        sizes.members,
        coalesce(measured.customers, 0) AS customers,
        coalesce(measured.touches, 0) AS touches,
        coalesce(measured.looked_at, 0) AS looked_at,
        coalesce(measured.dropped, 0) AS dropped,
        coalesce(measured.issues, 0) AS issues,
        measured.effort,
        coalesce(measured.csat_answers, 0) AS csat_answers,
        measured.satisfaction,
        coalesce(measured.nps_answers, 0) AS nps_answers,
        measured.recommendation,
        CAST(measured.dropped AS DOUBLE) / nullif(measured.looked_at, 0) AS drop_off,
        measured.value,
        measured.mrr
    FROM journey_touchpoints AS designed
    CROSS JOIN sizes
    LEFT JOIN seen ON designed.touchpoint = seen.touchpoint
    LEFT JOIN sources ON designed.source = sources.source
    LEFT JOIN measured
        ON designed.touchpoint = measured.touchpoint
        AND sizes.stage = measured.stage
        AND sizes.persona = measured.persona
),

-- Wilson (1927); 1.6449 standard errors to either side are 90 %
bounds AS (
    SELECT
        touchpoint,
        stage,
        persona,
        (drop_off + 2.7055 / (2.0 * looked_at)) / (1.0 + 2.7055 / looked_at) AS middle,
        1.6449 / (1.0 + 2.7055 / looked_at) * sqrt(
            drop_off * (1.0 - drop_off) / looked_at + 2.7055 / (4.0 * looked_at * looked_at)
        ) AS reach
    FROM cells
    WHERE looked_at > 0
)

SELECT
    cells.touchpoint,
    cells.stage,
    cells.persona,
    cells.planned,
    cells.recorded,
    cells.members,
    cells.customers,
    cells.touches,
    cells.looked_at,
    cells.dropped,
    cells.issues,
    cells.effort,
    cells.csat_answers,
    cells.satisfaction,
    cells.nps_answers,
    cells.recommendation,
    cells.drop_off,
    greatest(bounds.middle - bounds.reach, 0.0) AS drop_off_low,
    least(bounds.middle + bounds.reach, 1.0) AS drop_off_high,
    usual.drop_off AS drop_off_usual,
    cells.value,
    cells.mrr
FROM cells
LEFT JOIN bounds
    ON cells.touchpoint = bounds.touchpoint
    AND cells.stage = bounds.stage
    AND cells.persona = bounds.persona
LEFT JOIN cells AS usual
    ON cells.touchpoint = usual.touchpoint AND usual.stage = 'all' AND cells.persona = usual.persona
