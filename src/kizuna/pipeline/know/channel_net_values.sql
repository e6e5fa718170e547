-- One row a channel by which customers were won ('*': all), once anybody's cost to serve is told: mean
-- lifetime value, what serving took and will take of it, and what is left. Of the same customers as the
-- lifetime value beside the cost of winning them: of those whose cost is known, or else of all. Who was
-- never in contact cost nothing; who has no rate for any of her channels is counted, and costs nothing
-- here, so that the cost is the least that it was. Variances are of these means: between customers, and
-- of the cost ahead (`channel_net_bounds`).
WITH valued AS (
    SELECT
        coalesce(facts.channel, '') AS channel,
        facts.first_purchase,
        facts.historical_value * run.margin + facts.residual_clv AS ltv,
        facts.residual_clv AS to_come,
        serving.customer_id IS NOT NULL AS served,
        serving.cost_year,
        serving.cost_to_date,
        serving.cost_ahead,
        serving.cost_ahead_variance,
        facts.historical_value * run.margin + facts.residual_clv
        - coalesce(serving.cost_to_date, 0.0) - coalesce(serving.cost_ahead, 0.0) AS net
    FROM valued_customers AS facts
    CROSS JOIN run
    INNER JOIN (SELECT count(*) AS customers FROM service_ahead) AS told ON told.customers > 0
    LEFT JOIN service_ahead AS serving ON facts.customer_id = serving.customer_id
    WHERE facts.first_purchase IS NOT NULL
),

everybody AS (
    SELECT
        channel,
        first_purchase,
        ltv,
        to_come,
        served,
        cost_year,
        cost_to_date,
        cost_ahead,
        cost_ahead_variance,
        net
    FROM valued
    UNION ALL
    SELECT
        '*',
        first_purchase,
        ltv,
        to_come,
        served,
        cost_year,
        cost_to_date,
        cost_ahead,
        cost_ahead_variance,
        net
    FROM valued
),

grouped AS (
    SELECT
        everybody.channel,
        CASE WHEN costs.day IS NULL THEN 0 ELSE 1 END AS costed,
        count(*) AS customers,
        count(CASE WHEN everybody.served THEN 1 END) AS served,
        count(CASE WHEN everybody.served AND everybody.cost_to_date IS NULL THEN 1 END) AS unpriced,
        count(everybody.ltv) AS valued,
        sum(everybody.ltv) AS ltv,
        CAST(sum(coalesce(everybody.cost_year, 0)) AS DOUBLE) AS cost_year,
        CAST(sum(coalesce(everybody.cost_to_date, 0)) AS DOUBLE) AS cost_to_date,
        sum(coalesce(everybody.cost_ahead, 0.0)) AS cost_ahead,
        sum(everybody.to_come) AS to_come,
        var_samp(everybody.net) AS spread,
        sum(coalesce(everybody.cost_ahead_variance, 0.0)) AS variance
    FROM everybody
    LEFT JOIN channel_costs AS costs
        ON everybody.channel = costs.channel AND everybody.first_purchase = costs.day
    GROUP BY everybody.channel, CASE WHEN costs.day IS NULL THEN 0 ELSE 1 END
),

known AS (
    SELECT channel, max(costed) AS costed FROM grouped GROUP BY channel
),

chosen AS (
    SELECT
        grouped.channel,
        grouped.customers,
        grouped.served,
        grouped.unpriced,
        CAST(grouped.customers AS DOUBLE) AS n,
        CASE WHEN grouped.valued = grouped.customers THEN grouped.ltv END AS ltv,
        grouped.to_come,
        grouped.spread,
        grouped.variance,
        CASE WHEN grouped.served = 0 OR grouped.unpriced < grouped.served THEN grouped.cost_year END
            AS cost_year,
        CASE
            WHEN grouped.served = 0 OR grouped.unpriced < grouped.served THEN grouped.cost_to_date
        END AS cost_to_date,
        CASE
            WHEN grouped.served = 0 OR grouped.unpriced < grouped.served THEN grouped.cost_ahead
        END AS cost_ahead
    FROM grouped
    INNER JOIN known ON grouped.channel = known.channel AND grouped.costed = known.costed
)

SELECT
    chosen.channel,
    run.as_of AS until_on,
    chosen.customers,
    chosen.served,
    chosen.unpriced,
    chosen.ltv / chosen.n AS ltv,
    chosen.cost_year / chosen.n AS cost_to_serve_365d,
    chosen.cost_to_date / chosen.n AS cost_to_serve_to_date,
    CASE WHEN chosen.ltv IS NOT NULL THEN chosen.cost_ahead / chosen.n END AS cost_to_serve_ahead,
    (chosen.ltv - chosen.cost_to_date - chosen.cost_ahead) / chosen.n AS ltv_net_of_service,
    CASE WHEN chosen.ltv IS NOT NULL THEN chosen.to_come / chosen.n END AS value_to_come,
    chosen.spread / chosen.n AS net_variance,
    chosen.variance / (chosen.n * chosen.n) AS cost_ahead_variance
FROM chosen
CROSS JOIN run
