-- One row an experiment, arm, how far units have come, and bucket of days: what the bucket adds to the
-- sum of margins so far, of their squares, and of their products with the value foretold. Buckets are
-- days up to the 28th, weeks from then on. At day 0 stands what was known before. The sum of squares
-- up to a day is thus a sum of what each bucket added, and no unit need be listed for each day.
WITH buckets AS (
    SELECT
        CASE WHEN place <= 28 THEN place ELSE 28 + (place - 28) * 7 END AS day_no,
        CASE WHEN place <= 28 THEN place - 1 ELSE 21 + (place - 28) * 7 END AS from_no
    FROM (SELECT unnest(generate_series(1, 76)) AS place)
),

assigned AS (
    SELECT
        assignments.*,
        run.as_of,
        run.margin,
        min(assignments.eligible_on) OVER unit AS first_on
    FROM assignments
    CROSS JOIN run
    WHERE assignments.eligible_on <= run.as_of
    WINDOW unit AS (PARTITION BY assignments.experiment_id, assignments.unit_id)
),

aged AS (
    SELECT
        experiment_id,
        unit_id,
        min(arm) AS arm,
        min(concat(CAST(version AS VARCHAR), '/', coalesce(stratum, ''))) AS stratum,
        sum(coalesce(predicted, 0)) AS predicted,
        least(min(date_diff('day', first_on, as_of)) + 1, 364) AS age
    FROM assigned
    GROUP BY experiment_id, unit_id
),

units AS (
    SELECT
        experiment_id,
        unit_id,
        arm,
        stratum,
        predicted,
        CAST(
            CASE WHEN age <= 28 THEN age ELSE 28 + 7 * floor((age - 28) / 7.0) END AS INTEGER
        ) AS reach_days
    FROM aged
),

flows AS (
    SELECT customer_id, day, amount * run.margin AS amount
    FROM purchase_days CROSS JOIN run
    UNION ALL
    SELECT customer_id, day, amount * run.margin FROM returns CROSS JOIN run
    UNION ALL
    SELECT customer_id, done_on, -CAST(discount AS DOUBLE) FROM actions WHERE discount <> 0
    UNION ALL
    SELECT customer_id, day, -cost FROM service_days
),

dated AS (
    SELECT
        assigned.experiment_id,
        assigned.unit_id,
        date_diff('day', assigned.first_on, flows.day) AS past_days,
        flows.amount
    FROM assigned
    INNER JOIN flows ON assigned.customer_id = flows.customer_id
    WHERE flows.day BETWEEN assigned.first_on AND assigned.as_of
),

moved AS (
    SELECT
        experiment_id,
        unit_id,
        CAST(
            CASE
                WHEN past_days < 28 THEN past_days + 1
                ELSE 28 + 7 * (floor((past_days - 28) / 7.0) + 1)
            END AS INTEGER
        ) AS day_no,
        amount
    FROM dated
    UNION ALL
    SELECT
        assigned.experiment_id,
        assigned.unit_id,
        CAST(buckets.day_no AS INTEGER),
        assigned.margin * phases.mrr / 30.4375 * greatest(
            least(
                coalesce(date_diff('day', assigned.first_on, phases.until_on), 365000),
                buckets.day_no - 1
            ) - greatest(date_diff('day', assigned.first_on, phases.from_on), buckets.from_no) + 1,
            0
        )
    FROM assigned
    INNER JOIN contract_phases AS phases ON assigned.customer_id = phases.customer_id
    CROSS JOIN buckets
    WHERE buckets.day_no <= date_diff('day', assigned.first_on, assigned.as_of) + 1
),

added AS (
    SELECT experiment_id, unit_id, day_no, sum(amount) AS amount
    FROM moved
    GROUP BY experiment_id, unit_id, day_no
),

running AS (
    SELECT
        experiment_id,
        unit_id,
        day_no,
        amount,
        sum(amount) OVER so_far AS until_then
    FROM added
    WINDOW so_far AS (PARTITION BY experiment_id, unit_id ORDER BY day_no)
)

SELECT
    units.experiment_id,
    units.stratum,
    units.arm,
    units.reach_days,
    running.day_no,
    CAST(0 AS BIGINT) AS units,
    sum(running.amount) AS outcome,
    sum((2 * running.until_then - running.amount) * running.amount) AS outcome_outcome,
    sum(running.amount * units.predicted) AS outcome_predicted,
    CAST(0 AS DOUBLE) AS predicted,
    CAST(0 AS DOUBLE) AS predicted_predicted
FROM running
INNER JOIN units
    ON running.experiment_id = units.experiment_id
    AND running.unit_id = units.unit_id
WHERE running.day_no <= units.reach_days
GROUP BY units.experiment_id, units.stratum, units.arm, units.reach_days, running.day_no
UNION ALL
SELECT
    experiment_id,
    stratum,
    arm,
    reach_days,
    CAST(0 AS INTEGER),
    count(*),
    CAST(0 AS DOUBLE),
    CAST(0 AS DOUBLE),
    CAST(0 AS DOUBLE),
    sum(predicted),
    sum(predicted * predicted)
FROM units
GROUP BY experiment_id, stratum, arm, reach_days
