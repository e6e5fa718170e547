-- One row a unit and horizon whose days are over, and one to date (0): the margin of the days from
-- eligibility on, that of as many days before (of 365 to date), and what was spent on the unit. All
-- who were eligible are in, whether the action reached them or not. Orders count less what went back,
-- contracts by the day; what was given away and what serving cost are taken off. A unit with several
-- customers was eligible when the first of them was.
WITH horizons AS (
    SELECT 0 AS horizon_days, 365000 AS days, 365 AS back
    UNION ALL SELECT 28, 28, 28
    UNION ALL SELECT 90, 90, 90
    UNION ALL SELECT 180, 180, 180
    UNION ALL SELECT 365, 365, 365
),

assigned AS (
    SELECT
        assignments.*,
        run.as_of,
        min(assignments.eligible_on) OVER unit AS first_on
    FROM assignments
    CROSS JOIN run
    WHERE assignments.eligible_on <= run.as_of
    WINDOW unit AS (PARTITION BY assignments.experiment_id, assignments.unit_id)
),

units AS (
    SELECT
        experiment_id,
        unit_id,
        min(arm) AS arm,
        min(concat(CAST(version AS VARCHAR), '/', coalesce(stratum, ''))) AS stratum,
        max(CASE WHEN contaminated THEN 1 ELSE 0 END) = 1 OR min(arm) <> max(arm) AS contaminated,
        sum(coalesce(predicted, 0)) AS predicted,
        min(date_diff('day', first_on, as_of)) + 1 AS age
    FROM assigned
    GROUP BY experiment_id, unit_id
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
        date_diff('day', assigned.first_on, flows.day) AS day_no,
        flows.amount
    FROM assigned
    INNER JOIN flows ON assigned.customer_id = flows.customer_id
    WHERE flows.day <= assigned.as_of
),

money AS (
    SELECT
        experiment_id,
        unit_id,
        sum(CASE WHEN day_no >= 0 THEN amount ELSE 0 END) AS after_0,
        sum(CASE WHEN day_no BETWEEN 0 AND 27 THEN amount ELSE 0 END) AS after_28,
        sum(CASE WHEN day_no BETWEEN 0 AND 89 THEN amount ELSE 0 END) AS after_90,
        sum(CASE WHEN day_no BETWEEN 0 AND 179 THEN amount ELSE 0 END) AS after_180,
        sum(CASE WHEN day_no BETWEEN 0 AND 364 THEN amount ELSE 0 END) AS after_365,
        sum(CASE WHEN day_no BETWEEN -28 AND -1 THEN amount ELSE 0 END) AS before_28,
        sum(CASE WHEN day_no BETWEEN -90 AND -1 THEN amount ELSE 0 END) AS before_90,
        sum(CASE WHEN day_no BETWEEN -180 AND -1 THEN amount ELSE 0 END) AS before_180,
        sum(CASE WHEN day_no BETWEEN -365 AND -1 THEN amount ELSE 0 END) AS before_365
    FROM dated
    WHERE day_no >= -365
    GROUP BY experiment_id, unit_id
),

terms AS (
    SELECT
        assigned.experiment_id,
        assigned.unit_id,
        run.margin * phases.mrr / 30.4375 AS daily,
        date_diff('day', assigned.first_on, run.as_of) AS last_day,
        date_diff('day', assigned.first_on, phases.from_on) AS from_day,
        coalesce(date_diff('day', assigned.first_on, phases.until_on), 365000) AS until_day
    FROM assigned
    CROSS JOIN run
    INNER JOIN contract_phases AS phases ON assigned.customer_id = phases.customer_id
),

recurring AS (
    SELECT
        terms.experiment_id,
        terms.unit_id,
        horizons.horizon_days,
        sum(
            daily * greatest(
                least(until_day, last_day, horizons.days - 1) - greatest(from_day, 0) + 1, 0
            )
        ) AS after,
        sum(
            daily * greatest(least(until_day, -1) - greatest(from_day, -horizons.back) + 1, 0)
        ) AS before
    FROM terms
    CROSS JOIN horizons
    GROUP BY terms.experiment_id, terms.unit_id, horizons.horizon_days
),

done AS (
    SELECT
        assigned.experiment_id,
        assigned.unit_id,
        date_diff('day', assigned.first_on, actions.done_on) AS day_no,
        actions.cost
    FROM assigned
    INNER JOIN actions
        ON assigned.experiment_id = actions.experiment_id
        AND assigned.customer_id = actions.customer_id
    WHERE actions.done_on BETWEEN assigned.first_on AND assigned.as_of
),

spent AS (
    SELECT
        experiment_id,
        unit_id,
        sum(cost) AS cost_0,
        sum(CASE WHEN day_no < 28 THEN cost ELSE 0 END) AS cost_28,
        sum(CASE WHEN day_no < 90 THEN cost ELSE 0 END) AS cost_90,
        sum(CASE WHEN day_no < 180 THEN cost ELSE 0 END) AS cost_180,
        sum(CASE WHEN day_no < 365 THEN cost ELSE 0 END) AS cost_365,
        count(*) AS deeds_0,
        sum(CASE WHEN day_no < 28 THEN 1 ELSE 0 END) AS deeds_28,
        sum(CASE WHEN day_no < 90 THEN 1 ELSE 0 END) AS deeds_90,
        sum(CASE WHEN day_no < 180 THEN 1 ELSE 0 END) AS deeds_180,
        sum(CASE WHEN day_no < 365 THEN 1 ELSE 0 END) AS deeds_365
    FROM done
    GROUP BY experiment_id, unit_id
)

SELECT
    units.experiment_id,
    units.unit_id,
    horizons.horizon_days,
    units.arm,
    units.stratum,
    units.contaminated,
    coalesce(
        CASE horizons.horizon_days
            WHEN 0 THEN money.after_0
            WHEN 28 THEN money.after_28
            WHEN 90 THEN money.after_90
            WHEN 180 THEN money.after_180
            WHEN 365 THEN money.after_365
        END,
        0
    ) + coalesce(recurring.after, 0) AS outcome,
    units.predicted,
    coalesce(
        CASE horizons.horizon_days
            WHEN 0 THEN money.before_365
            WHEN 28 THEN money.before_28
            WHEN 90 THEN money.before_90
            WHEN 180 THEN money.before_180
            WHEN 365 THEN money.before_365
        END,
        0
    ) + coalesce(recurring.before, 0) AS past,
    CAST(coalesce(
        CASE horizons.horizon_days
            WHEN 0 THEN spent.cost_0
            WHEN 28 THEN spent.cost_28
            WHEN 90 THEN spent.cost_90
            WHEN 180 THEN spent.cost_180
            WHEN 365 THEN spent.cost_365
        END,
        0
    ) AS DOUBLE) AS cost,
    CAST(coalesce(
        CASE horizons.horizon_days
            WHEN 0 THEN spent.deeds_0
            WHEN 28 THEN spent.deeds_28
            WHEN 90 THEN spent.deeds_90
            WHEN 180 THEN spent.deeds_180
            WHEN 365 THEN spent.deeds_365
        END,
        0
    ) AS BIGINT) AS deeds
FROM units
INNER JOIN horizons ON units.age >= horizons.horizon_days
LEFT JOIN money
    ON units.experiment_id = money.experiment_id
    AND units.unit_id = money.unit_id
LEFT JOIN recurring
    ON units.experiment_id = recurring.experiment_id
    AND units.unit_id = recurring.unit_id
    AND horizons.horizon_days = recurring.horizon_days
LEFT JOIN spent
    ON units.experiment_id = spent.experiment_id
    AND units.unit_id = spent.unit_id
