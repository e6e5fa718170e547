-- One row an experiment: units placed at eligibility, however long ago, against what chance was to
-- hold out. Units that are merged since are counted where their earliest row is.
WITH units AS (
    SELECT
        experiment_id,
        unit_id,
        min(arm) AS arm,
        max(arm) AS other_arm,
        max(holdout) AS holdout,
        max(CASE WHEN contaminated THEN 1 ELSE 0 END) AS contaminated,
        min(eligible_on) AS first_on,
        max(as_of) AS as_of
    FROM assignments
    CROSS JOIN run
    WHERE eligible_on <= as_of
    GROUP BY experiment_id, unit_id
)

SELECT
    experiment_id,
    count(*) AS units,
    CAST(sum(CASE WHEN arm = 'control' THEN 1 ELSE 0 END) AS BIGINT) AS controls,
    sum(holdout) AS expected_controls,
    CAST(sum(CASE WHEN arm <> other_arm THEN 1 ELSE contaminated END) AS BIGINT) AS contaminated,
    CAST(
        sum(CASE WHEN date_diff('day', first_on, as_of) < 28 THEN 1 ELSE 0 END) AS BIGINT
    ) AS recent_units,
    min(first_on) AS first_on,
    max(first_on) AS last_on
FROM units
GROUP BY experiment_id
