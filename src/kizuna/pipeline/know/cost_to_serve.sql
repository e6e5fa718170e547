-- One row a customer who ever was in contact, once there are rates: what serving her cost in the
-- 365 days up to the last one and in all, her value to come net of it, and her lifetime value net of
-- both. What the year cost is taken to go on to the horizon while she stays; it is not discounted, so
-- that the value left is no overestimate.
WITH sums AS (
    SELECT
        costs.customer_id,
        count(costs.cost) AS priced,
        sum(costs.cost) AS cost,
        count(CASE WHEN costs.day > run.as_of - INTERVAL 365 DAY THEN 1 END) AS contacts_year,
        count(CASE WHEN costs.day > run.as_of - INTERVAL 365 DAY THEN costs.cost END) AS priced_year,
        sum(CASE WHEN costs.day > run.as_of - INTERVAL 365 DAY THEN costs.cost END) AS cost_year
    FROM contact_costs AS costs
    CROSS JOIN run
    INNER JOIN (SELECT count(*) AS rates FROM service_rates) AS given ON given.rates > 0
    GROUP BY costs.customer_id
),

told AS (
    SELECT
        customer_id,
        CASE
            WHEN contacts_year = 0 THEN 0.0
            WHEN priced_year > 0 THEN cost_year
        END AS year,
        CASE WHEN priced > 0 THEN cost END AS to_date
    FROM sums
)

SELECT
    told.customer_id,
    CAST(round(told.year) AS BIGINT) AS cost_to_serve_365d,
    valued.residual_clv - told.year * valued.p_alive * run.horizon_days / 365.0
        AS value_net_of_service,
    CAST(round(told.to_date) AS BIGINT) AS cost_to_serve_to_date,
    valued.historical_value * run.margin - told.to_date
    + valued.residual_clv - told.year * valued.p_alive * run.horizon_days / 365.0
        AS ltv_net_of_service
FROM told
CROSS JOIN run
LEFT JOIN valued_customers AS valued ON told.customer_id = valued.customer_id
