-- One row an experiment: units placed at eligibility, however long ago, against what chance was to
-- hold out. Units that are merged since are counted where their earliest row is.
WITH units AS (
    SELECT
        experiment_id,
        unit_id,
        min(arm) AS arm,
        max(arm) AS other_arm,
        max(holdout) AS holdout,
        max(CASE WHEN contaminated THEN 1 ELSE 0 END) AS contaminated
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
    CAST(sum(CASE WHEN arm <> other_arm THEN 1 ELSE contaminated END) AS BIGINT) AS contaminated
FROM units
GROUP BY experiment_id
