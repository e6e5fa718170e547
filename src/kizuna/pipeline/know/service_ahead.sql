-- One row a customer who ever was in contact, once there are rates: what serving her cost in the
-- 365 days up to the last one and in all, and what it will cost up to the horizon: the year is taken to
-- go on while she stays, and is not discounted. Contacts come by chance, each at its cost: of a sum
-- over a year the variance is the sum of the squares (a compound Poisson process), once for what was
-- seen of the year and once for what is to come. Half a contact at the mean square of all is added,
-- so that nothing seen is not taken for nothing to come.
WITH sums AS (
    SELECT
        costs.customer_id,
        count(costs.cost) AS priced,
        sum(costs.cost) AS cost,
        count(CASE WHEN costs.day > run.as_of - INTERVAL 365 DAY THEN 1 END) AS contacts_year,
        count(CASE WHEN costs.day > run.as_of - INTERVAL 365 DAY THEN costs.cost END) AS priced_year,
        sum(CASE WHEN costs.day > run.as_of - INTERVAL 365 DAY THEN costs.cost END) AS cost_year,
        sum(CASE WHEN costs.day > run.as_of - INTERVAL 365 DAY THEN costs.cost * costs.cost END)
            AS squares_year
    FROM contact_costs AS costs
    CROSS JOIN run
    INNER JOIN (SELECT count(*) AS rates FROM service_rates) AS given ON given.rates > 0
    GROUP BY costs.customer_id
),

told AS (
    SELECT
        sums.customer_id,
        CASE
            WHEN sums.contacts_year = 0 THEN 0.0
            WHEN sums.priced_year > 0 THEN sums.cost_year
        END AS year,
        CASE WHEN sums.priced > 0 THEN sums.cost END AS to_date,
        coalesce(sums.squares_year, 0.0) + usual.square / 2 AS squares,
        valued.p_alive * run.horizon_days / 365.0 AS years
    FROM sums
    CROSS JOIN run
    CROSS JOIN (SELECT avg(cost * cost) AS square FROM contact_costs) AS usual
    LEFT JOIN valued_customers AS valued ON sums.customer_id = valued.customer_id
)

SELECT
    customer_id,
    year AS cost_year,
    to_date AS cost_to_date,
    year * years AS cost_ahead,
    CASE WHEN year IS NOT NULL THEN squares * years * (1 + years) END AS cost_ahead_variance
FROM told
