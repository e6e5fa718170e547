-- One row a unit of an experiment and horizon whose days are over, where a score of it was told in
-- these days: the mean of its scores, beside what it brought in. A score counts once 28 days of it lie
-- after eligibility; an answer, where it was given after eligibility.
WITH assigned AS (
    SELECT
        assignments.experiment_id,
        assignments.unit_id,
        assignments.customer_id,
        min(assignments.eligible_on) OVER unit AS first_on
    FROM assignments
    CROSS JOIN run
    WHERE assignments.eligible_on <= run.as_of
    WINDOW unit AS (PARTITION BY assignments.experiment_id, assignments.unit_id)
),

told AS (
    SELECT
        assigned.experiment_id,
        assigned.unit_id,
        date_diff('day', assigned.first_on, panel.day) AS day_no,
        CAST(panel.effort_90d AS DOUBLE) AS effort,
        trail.health,
        CASE
            WHEN panel.nps_days_ago < date_diff('day', assigned.first_on, panel.day) THEN panel.nps
        END AS nps
    FROM assigned
    INNER JOIN fact_panel AS panel
        ON assigned.customer_id = panel.customer_id AND panel.day > assigned.first_on
    LEFT JOIN health_trail AS trail
        ON panel.customer_id = trail.customer_id AND panel.day = trail.day
),

scored AS (
    SELECT
        told.experiment_id,
        told.unit_id,
        units.horizon_days,
        avg(told.effort) AS effort,
        avg(told.health) AS health,
        avg(told.nps) AS nps
    FROM told
    INNER JOIN experiment_units AS units
        ON told.experiment_id = units.experiment_id
        AND told.unit_id = units.unit_id
        AND told.day_no BETWEEN 28 AND units.horizon_days
    GROUP BY told.experiment_id, told.unit_id, units.horizon_days
)

SELECT
    units.experiment_id,
    units.unit_id,
    units.horizon_days,
    units.arm,
    units.stratum,
    scored.effort,
    scored.health,
    scored.nps,
    units.outcome,
    units.predicted,
    units.past
FROM experiment_units AS units
INNER JOIN scored
    ON units.experiment_id = scored.experiment_id
    AND units.unit_id = scored.unit_id
    AND units.horizon_days = scored.horizon_days
WHERE NOT units.contaminated AND units.horizon_days >= 90
