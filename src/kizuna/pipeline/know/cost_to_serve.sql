-- One row a customer who ever was in contact, once there are rates: what serving her cost in a year and
-- in all, her value to come net of it, and her lifetime value net of both. Bounds of the value (90 %)
-- and of the cost (1.645 standard errors) are put together as of errors that do not go together (Zou
-- and Donner 2008, MOVER). Who leaves brings and costs nothing more: they are rather too wide than
-- too narrow. A high bound below the value is kept so: she is most likely lost.
WITH priced AS (
    SELECT
        serving.customer_id,
        serving.cost_year,
        serving.cost_to_date,
        valued.residual_clv - serving.cost_ahead AS ahead,
        valued.historical_value * run.margin - serving.cost_to_date AS so_far,
        valued.residual_clv - valued.residual_clv_low AS below,
        valued.residual_clv_low <= 0 AS may_buy_nothing,
        valued.residual_clv_high - valued.residual_clv AS above,
        2.7055 * serving.cost_ahead_variance AS square
    FROM service_ahead AS serving
    CROSS JOIN run
    LEFT JOIN valued_customers AS valued ON serving.customer_id = valued.customer_id
),

bounded AS (
    SELECT
        customer_id,
        cost_year,
        cost_to_date,
        ahead,
        so_far,
        CASE
            WHEN may_buy_nothing THEN below + sqrt(square)
            WHEN below IS NOT NULL
                THEN sqrt(greatest(below, 0.0) * greatest(below, 0.0) + square) + least(below, 0.0)
        END AS down,
        CASE
            WHEN above IS NOT NULL
                THEN sqrt(greatest(above, 0.0) * greatest(above, 0.0) + square) + least(above, 0.0)
        END AS up
    FROM priced
)

SELECT
    customer_id,
    CAST(round(cost_year) AS BIGINT) AS cost_to_serve_365d,
    ahead AS value_net_of_service,
    ahead - down AS value_net_of_service_low,
    ahead + up AS value_net_of_service_high,
    CAST(round(cost_to_date) AS BIGINT) AS cost_to_serve_to_date,
    so_far + ahead AS ltv_net_of_service,
    so_far + ahead - down AS ltv_net_of_service_low,
    so_far + ahead + up AS ltv_net_of_service_high
FROM bounded
