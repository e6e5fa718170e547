-- One row a customer who ever was in contact, once there are rates: what serving her cost in the
-- 365 days up to the last one, and her value to come net of it. What the year cost is taken to go on
-- to the horizon while she stays; it is not discounted, so that the value left is no overestimate.
WITH known AS (
    SELECT DISTINCT contacts.customer_id
    FROM issue_contacts AS contacts
    INNER JOIN (SELECT count(*) AS rates FROM service_rates) AS given ON given.rates > 0
),

year AS (
    SELECT
        customer_id,
        count(*) AS contacts,
        count(cost) AS priced,
        sum(cost) AS cost
    FROM contact_costs
    GROUP BY customer_id
),

told AS (
    SELECT
        known.customer_id,
        CASE
            WHEN year.contacts IS NULL THEN 0.0
            WHEN year.priced > 0 THEN year.cost
        END AS cost
    FROM known
    LEFT JOIN year ON known.customer_id = year.customer_id
)

SELECT
    told.customer_id,
    CAST(round(told.cost) AS BIGINT) AS cost_to_serve_365d,
    valued.residual_clv - told.cost * valued.p_alive * run.horizon_days / 365.0
        AS value_net_of_service
FROM told
CROSS JOIN run
LEFT JOIN valued_customers AS valued ON told.customer_id = valued.customer_id
