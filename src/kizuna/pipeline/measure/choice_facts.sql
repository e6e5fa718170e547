-- One row a unit of an experiment, as it was known before the day of its eligibility; and one a
-- customer as she is known now, under the experiment '', where there is anything to choose from. Of a
-- unit with several customers counts and amounts are those of all of them.
WITH points AS (
    SELECT
        assignments.experiment_id,
        assignments.unit_id,
        assignments.customer_id,
        min(assignments.eligible_on) OVER unit AS day,
        assignments.predicted,
        CAST(NULL AS DOUBLE) AS at_stake,
        CAST(NULL AS DOUBLE) AS p_alive
    FROM assignments
    CROSS JOIN run
    WHERE assignments.eligible_on <= run.as_of
    WINDOW unit AS (PARTITION BY assignments.experiment_id, assignments.unit_id)
    UNION ALL
    SELECT
        '' AS experiment_id,
        customer_facts.customer_id AS unit_id,
        customer_facts.customer_id,
        CAST(run.as_of + INTERVAL 1 DAY AS DATE) AS day,
        customer_facts.residual_clv AS predicted,
        customer_facts.value_at_risk AS at_stake,
        customer_facts.p_alive
    FROM customer_facts
    CROSS JOIN run
    WHERE EXISTS (SELECT 1 FROM offers)
),

known AS (
    SELECT
        experiment_id,
        unit_id,
        sum(predicted) AS predicted,
        max(at_stake) AS at_stake,
        max(p_alive) AS p_alive
    FROM points
    GROUP BY experiment_id, unit_id
),

bought AS (
    SELECT
        points.experiment_id,
        points.unit_id,
        sum(
            CASE
                WHEN date_diff('day', purchase_days.day, points.day) <= 365
                    THEN CAST(purchase_days.amount AS DOUBLE)
                ELSE 0.0
            END
        ) AS spend,
        CAST(
            sum(CASE WHEN date_diff('day', purchase_days.day, points.day) <= 365 THEN 1 ELSE 0 END)
            AS DOUBLE
        ) AS orders,
        CAST(min(date_diff('day', purchase_days.day, points.day)) AS DOUBLE) AS since,
        CAST(max(date_diff('day', purchase_days.day, points.day)) AS DOUBLE) AS tenure
    FROM points
    INNER JOIN purchase_days
        ON points.customer_id = purchase_days.customer_id AND purchase_days.day < points.day
    GROUP BY points.experiment_id, points.unit_id
),

paid AS (
    SELECT points.experiment_id, points.unit_id, sum(CAST(phases.mrr AS DOUBLE)) AS mrr
    FROM points
    INNER JOIN contract_phases AS phases
        ON points.customer_id = phases.customer_id
        AND phases.from_on < points.day
        AND coalesce(phases.until_on, points.day) >= points.day
    GROUP BY points.experiment_id, points.unit_id
),

asked AS (
    SELECT points.experiment_id, points.unit_id, CAST(count(*) AS DOUBLE) AS contacts
    FROM points
    INNER JOIN issue_contacts AS contacts
        ON points.customer_id = contacts.customer_id
        AND date_diff('day', contacts.day, points.day) BETWEEN 1 AND 90
    GROUP BY points.experiment_id, points.unit_id
)

SELECT
    known.experiment_id,
    known.unit_id,
    known.predicted,
    coalesce(bought.spend, 0.0) AS spend_365d,
    coalesce(bought.orders, 0.0) AS orders_365d,
    bought.since AS days_since_purchase,
    bought.tenure AS tenure_days,
    coalesce(paid.mrr, 0.0) AS mrr,
    coalesce(asked.contacts, 0.0) AS contacts_90d,
    known.at_stake,
    known.p_alive
FROM known
LEFT JOIN bought
    ON known.experiment_id = bought.experiment_id AND known.unit_id = bought.unit_id
LEFT JOIN paid ON known.experiment_id = paid.experiment_id AND known.unit_id = paid.unit_id
LEFT JOIN asked ON known.experiment_id = asked.experiment_id AND known.unit_id = asked.unit_id
