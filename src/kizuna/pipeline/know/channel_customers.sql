-- One row a channel, and whether the cost of the day of the first purchase is known: customers with
-- a purchase, the margin that they brought, what is still to come, and how far they differ.
WITH valued AS (
    SELECT
        coalesce(facts.channel, '') AS channel,
        facts.first_purchase,
        facts.historical_value * run.margin AS earned,
        facts.residual_clv
    FROM valued_customers AS facts
    CROSS JOIN run
    WHERE facts.first_purchase IS NOT NULL
),

told AS (
    SELECT channel, first_purchase, earned, residual_clv FROM valued
    UNION ALL
    SELECT '*', first_purchase, earned, residual_clv FROM valued
)

SELECT
    told.channel,
    costs.day IS NOT NULL AS costed,
    count(*) AS customers,
    CAST(sum(told.earned) AS DOUBLE) AS earned,
    sum(told.residual_clv) AS residual_clv,
    sum((told.earned + told.residual_clv) * (told.earned + told.residual_clv)) AS value_squares
FROM told
LEFT JOIN channel_costs AS costs
    ON told.channel = costs.channel AND told.first_purchase = costs.day
GROUP BY told.channel, costs.day IS NOT NULL
