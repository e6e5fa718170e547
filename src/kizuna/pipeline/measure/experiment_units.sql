-- One row a unit and horizon whose days are over: the margin of the days from eligibility on, that
-- of as many days before, and what was spent on the unit. All who were eligible are in, whether the
-- action reached them or not. Orders count less what went back, contracts by the day. A unit with
-- several customers was eligible when the first of them was.
WITH horizons AS (
    SELECT 28 AS horizon_days UNION ALL SELECT 90 UNION ALL SELECT 180 UNION ALL SELECT 365
),

assigned AS (
    SELECT
        *,
        min(eligible_on) OVER (PARTITION BY experiment_id, unit_id) AS first_on
    FROM assignments
),

due AS (
    SELECT
        assigned.*,
        horizons.horizon_days,
        run.margin
    FROM assigned
    CROSS JOIN horizons
    CROSS JOIN run
    WHERE date_diff('day', assigned.first_on, run.as_of) >= horizons.horizon_days - 1
),

bought AS (
    SELECT customer_id, day, amount FROM purchase_days
    UNION ALL
    SELECT customer_id, day, amount FROM returns
),

money AS (
    SELECT
        due.experiment_id,
        due.unit_id,
        due.horizon_days,
        sum(CASE WHEN bought.day >= due.first_on THEN bought.amount ELSE 0 END) AS after,
        sum(CASE WHEN bought.day < due.first_on THEN bought.amount ELSE 0 END) AS before
    FROM due
    INNER JOIN bought
        ON due.customer_id = bought.customer_id
        AND date_diff('day', due.first_on, bought.day)
        BETWEEN -due.horizon_days AND due.horizon_days - 1
    GROUP BY due.experiment_id, due.unit_id, due.horizon_days
),

terms AS (
    SELECT
        due.experiment_id,
        due.unit_id,
        due.horizon_days,
        phases.mrr / 30.4375 AS daily,
        date_diff('day', due.first_on, phases.from_on) AS from_day,
        coalesce(date_diff('day', due.first_on, phases.until_on), due.horizon_days) AS until_day
    FROM due
    INNER JOIN contract_phases AS phases ON due.customer_id = phases.customer_id
),

recurring AS (
    SELECT
        experiment_id,
        unit_id,
        horizon_days,
        sum(
            daily * greatest(least(until_day, horizon_days - 1) - greatest(from_day, 0) + 1, 0)
        ) AS after,
        sum(
            daily * greatest(least(until_day, -1) - greatest(from_day, -horizon_days) + 1, 0)
        ) AS before
    FROM terms
    GROUP BY experiment_id, unit_id, horizon_days
),

spent AS (
    SELECT
        due.experiment_id,
        due.unit_id,
        due.horizon_days,
        sum(actions.cost) AS cost
    FROM due
    INNER JOIN actions
        ON due.experiment_id = actions.experiment_id
        AND due.customer_id = actions.customer_id
        AND date_diff('day', due.first_on, actions.done_on) BETWEEN 0 AND due.horizon_days - 1
    GROUP BY due.experiment_id, due.unit_id, due.horizon_days
),

units AS (
    SELECT
        experiment_id,
        unit_id,
        horizon_days,
        min(arm) AS arm,
        min(concat(CAST(version AS VARCHAR), '/', coalesce(stratum, ''))) AS stratum,
        max(CASE WHEN contaminated THEN 1 ELSE 0 END) = 1 OR min(arm) <> max(arm) AS contaminated,
        sum(coalesce(predicted, 0)) AS predicted,
        max(margin) AS margin
    FROM due
    GROUP BY experiment_id, unit_id, horizon_days
)

SELECT
    units.experiment_id,
    units.unit_id,
    units.horizon_days,
    units.arm,
    units.stratum,
    units.contaminated,
    units.margin * (coalesce(money.after, 0) + coalesce(recurring.after, 0)) AS outcome,
    units.predicted,
    units.margin * (coalesce(money.before, 0) + coalesce(recurring.before, 0)) AS past,
    CAST(coalesce(spent.cost, 0) AS DOUBLE) AS cost
FROM units
LEFT JOIN money
    ON units.experiment_id = money.experiment_id
    AND units.unit_id = money.unit_id
    AND units.horizon_days = money.horizon_days
LEFT JOIN recurring
    ON units.experiment_id = recurring.experiment_id
    AND units.unit_id = recurring.unit_id
    AND units.horizon_days = recurring.horizon_days
LEFT JOIN spent
    ON units.experiment_id = spent.experiment_id
    AND units.unit_id = spent.unit_id
    AND units.horizon_days = spent.horizon_days
