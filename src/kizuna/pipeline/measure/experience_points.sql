-- One row a customer and end of a past month on which a score of hers was known: what else was known
-- then, and the margin of the days after, orders less returns and contracts by the day. An answer
-- counts for a year. Only days of which 90 lie behind are told.
WITH asked AS (
    SELECT
        panel.customer_id,
        panel.day,
        run.as_of,
        run.margin,
        date_diff('day', panel.day, run.as_of) AS days,
        CAST(panel.effort_90d AS DOUBLE) AS effort,
        trail.health,
        CASE WHEN panel.nps_days_ago <= 365 THEN panel.nps END AS nps,
        CAST(panel.days_since_purchase AS DOUBLE) AS days_since_purchase,
        CAST(panel.mrr AS DOUBLE) AS mrr
    FROM fact_panel AS panel
    CROSS JOIN run
    LEFT JOIN health_trail AS trail
        ON panel.customer_id = trail.customer_id AND panel.day = trail.day
    WHERE date_diff('day', panel.day, run.as_of) >= 90
),

scored AS (
    SELECT * FROM asked WHERE effort IS NOT NULL OR health IS NOT NULL OR nps IS NOT NULL
),

flows AS (
    SELECT customer_id, day, CAST(amount AS DOUBLE) AS amount, 1 AS bought FROM purchase_days
    UNION ALL
    SELECT customer_id, day, CAST(amount AS DOUBLE), 0 FROM returns
),

dated AS (
    SELECT
        scored.customer_id,
        scored.day,
        date_diff('day', scored.day, flows.day) AS day_no,
        flows.amount * scored.margin AS amount,
        flows.bought
    FROM scored
    INNER JOIN flows ON scored.customer_id = flows.customer_id
    WHERE flows.day <= scored.as_of
),

money AS (
    SELECT
        customer_id,
        day,
        sum(CASE WHEN day_no BETWEEN 1 AND 90 THEN amount ELSE 0 END) AS after_90,
        sum(CASE WHEN day_no BETWEEN 1 AND 365 THEN amount ELSE 0 END) AS after_365,
        sum(CASE WHEN day_no BETWEEN -89 AND 0 THEN amount ELSE 0 END) AS past_90,
        sum(CASE WHEN day_no BETWEEN -364 AND 0 THEN amount ELSE 0 END) AS past_365,
        sum(CASE WHEN day_no BETWEEN -364 AND 0 THEN bought ELSE 0 END) AS orders_365,
        max(CASE WHEN bought = 1 THEN -day_no END) AS tenure
    FROM dated
    GROUP BY customer_id, day
),

terms AS (
    SELECT
        scored.customer_id,
        scored.day,
        scored.margin * phases.mrr / 30.4375 AS daily,
        date_diff('day', scored.day, phases.from_on) AS from_day,
        least(
            coalesce(date_diff('day', scored.day, phases.until_on), 365000), scored.days
        ) AS until_day
    FROM scored
    INNER JOIN contract_phases AS phases ON scored.customer_id = phases.customer_id
),

recurring AS (
    SELECT
        customer_id,
        day,
        sum(daily * greatest(least(until_day, 90) - greatest(from_day, 1) + 1, 0)) AS after_90,
        sum(daily * greatest(least(until_day, 365) - greatest(from_day, 1) + 1, 0)) AS after_365,
        sum(daily * greatest(least(until_day, 0) - greatest(from_day, -89) + 1, 0)) AS past_90,
        sum(daily * greatest(least(until_day, 0) - greatest(from_day, -364) + 1, 0)) AS past_365,
        max(-from_day) AS tenure
    FROM terms
    GROUP BY customer_id, day
)

SELECT
    scored.customer_id,
    scored.day,
    scored.effort,
    scored.health,
    scored.nps,
    coalesce(money.after_90, 0.0) + coalesce(recurring.after_90, 0.0) AS after_90d,
    CASE
        WHEN scored.days >= 365
            THEN coalesce(money.after_365, 0.0) + coalesce(recurring.after_365, 0.0)
    END AS after_365d,
    coalesce(money.past_90, 0.0) + coalesce(recurring.past_90, 0.0) AS past_90d,
    coalesce(money.past_365, 0.0) + coalesce(recurring.past_365, 0.0) AS past_365d,
    CAST(coalesce(money.orders_365, 0) AS DOUBLE) AS orders_365d,
    scored.days_since_purchase,
    CAST(
        CASE
            WHEN greatest(coalesce(money.tenure, -1), coalesce(recurring.tenure, -1)) >= 0
                THEN greatest(coalesce(money.tenure, -1), coalesce(recurring.tenure, -1))
        END
        AS DOUBLE
    ) AS tenure_days,
    scored.mrr
FROM scored
LEFT JOIN money ON scored.customer_id = money.customer_id AND scored.day = money.day
LEFT JOIN recurring ON scored.customer_id = recurring.customer_id AND scored.day = recurring.day
