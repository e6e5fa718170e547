-- One row a named segment that has customers who bought; amounts in units of the currency.
WITH everyone AS (
    SELECT count(*) AS customers FROM valued_customers WHERE rfm_segment IS NOT NULL
)

SELECT
    facts.rfm_segment,
    count(*) AS customers,
    CAST(count(*) AS DOUBLE) / min(everyone.customers) AS share,
    CAST(sum(facts.historical_value) AS DOUBLE) / min(run.minor_units) AS historical_value,
    sum(facts.residual_clv) / min(run.minor_units) AS residual_clv,
    avg(facts.residual_clv) / min(run.minor_units) AS mean_residual_clv,
    avg(facts.p_alive) AS mean_p_alive
FROM valued_customers AS facts
CROSS JOIN everyone
CROSS JOIN run
WHERE facts.rfm_segment IS NOT NULL
GROUP BY facts.rfm_segment
ORDER BY historical_value DESC, facts.rfm_segment
