-- One row an experiment, horizon and arm: what the margin of its units is made of.
WITH horizons AS (
    SELECT 0 AS horizon_days, 365000 AS days
    UNION ALL SELECT 28, 28
    UNION ALL SELECT 90, 90
    UNION ALL SELECT 180, 180
    UNION ALL SELECT 365, 365
),

assigned AS (
    SELECT
        assignments.experiment_id,
        assignments.customer_id,
        run.as_of,
        run.margin,
        min(assignments.arm) OVER unit AS arm,
        min(assignments.eligible_on) OVER unit AS first_on
    FROM assignments
    CROSS JOIN run
    WHERE assignments.eligible_on <= run.as_of
    WINDOW unit AS (PARTITION BY assignments.experiment_id, assignments.unit_id)
),

flows AS (
    SELECT customer_id, day, 'sales' AS part, CAST(amount AS DOUBLE) AS amount FROM purchase_days
    UNION ALL
    SELECT customer_id, day, 'returned', CAST(amount AS DOUBLE) FROM returns
    UNION ALL
    SELECT customer_id, done_on, 'discount', CAST(discount AS DOUBLE) FROM actions
    WHERE discount <> 0
    UNION ALL
    SELECT customer_id, day, 'service', cost FROM service_days
),

dated AS (
    SELECT
        assigned.experiment_id,
        assigned.arm,
        date_diff('day', assigned.first_on, assigned.as_of) + 1 AS age,
        date_diff('day', assigned.first_on, flows.day) AS day_no,
        flows.part,
        CASE WHEN flows.part IN ('sales', 'returned') THEN assigned.margin ELSE 1.0 END
            * flows.amount AS amount
    FROM assigned
    INNER JOIN flows ON assigned.customer_id = flows.customer_id
    WHERE flows.day BETWEEN assigned.first_on AND assigned.as_of
),

-- reach: the longest horizon that the unit has come to; band: the shortest one that the day is in
banded AS (
    SELECT
        experiment_id,
        arm,
        part,
        CASE
            WHEN age >= 365 THEN 365
            WHEN age >= 180 THEN 180
            WHEN age >= 90 THEN 90
            WHEN age >= 28 THEN 28
            ELSE 0
        END AS reach,
        CASE
            WHEN day_no < 28 THEN 28
            WHEN day_no < 90 THEN 90
            WHEN day_no < 180 THEN 180
            WHEN day_no < 365 THEN 365
            ELSE 365000
        END AS band,
        amount
    FROM dated
),

grouped AS (
    SELECT experiment_id, arm, part, reach, band, sum(amount) AS amount
    FROM banded
    GROUP BY experiment_id, arm, part, reach, band
),

parts AS (
    SELECT
        grouped.experiment_id,
        horizons.horizon_days,
        grouped.arm,
        sum(CASE WHEN grouped.part = 'sales' THEN grouped.amount ELSE 0 END) AS sales,
        sum(CASE WHEN grouped.part = 'returned' THEN grouped.amount ELSE 0 END) AS returned,
        sum(CASE WHEN grouped.part = 'discount' THEN grouped.amount ELSE 0 END) AS discount,
        sum(CASE WHEN grouped.part = 'service' THEN grouped.amount ELSE 0 END) AS service
    FROM grouped
    INNER JOIN horizons
        ON grouped.reach >= horizons.horizon_days AND grouped.band <= horizons.days
    GROUP BY grouped.experiment_id, horizons.horizon_days, grouped.arm
),

sums AS (
    SELECT
        experiment_id,
        horizon_days,
        arm,
        CAST(sum(units) AS BIGINT) AS units,
        CAST(sum(reached) AS BIGINT) AS reached,
        sum(outcome) AS outcome,
        sum(cost) AS cost
    FROM effect_sums
    GROUP BY experiment_id, horizon_days, arm
)

SELECT
    sums.experiment_id,
    sums.horizon_days,
    sums.arm,
    sums.units,
    sums.reached,
    sums.outcome,
    sums.cost,
    coalesce(parts.sales, 0.0) AS sales,
    coalesce(parts.returned, 0.0) AS returned,
    coalesce(parts.discount, 0.0) AS discount,
    coalesce(parts.service, 0.0) AS service,
    sums.outcome - coalesce(parts.sales, 0.0) - coalesce(parts.returned, 0.0)
        + coalesce(parts.discount, 0.0) + coalesce(parts.service, 0.0) AS contracts
FROM sums
LEFT JOIN parts
    ON sums.experiment_id = parts.experiment_id
    AND sums.horizon_days = parts.horizon_days
    AND sums.arm = parts.arm
