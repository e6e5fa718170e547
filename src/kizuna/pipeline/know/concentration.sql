-- Who carries the value: customers from the most valuable down, in at most 100 equal groups and the
-- origin; which share of the value the best so many customers hold. Nothing where it sums to 0.
WITH valued AS (
    SELECT 'historical' AS kind, CAST(historical_value AS DOUBLE) AS value
    FROM valued_customers WHERE historical_value IS NOT NULL
    UNION ALL
    SELECT 'residual', residual_clv FROM valued_customers WHERE residual_clv IS NOT NULL
),

grouped AS (
    SELECT kind, value, ntile(100) OVER (PARTITION BY kind ORDER BY value DESC) AS hundredth
    FROM valued
),

steps AS (
    SELECT kind, hundredth, count(*) AS customers, sum(value) AS value
    FROM grouped
    GROUP BY kind, hundredth
),

totals AS (
    SELECT kind, sum(customers) AS customers, sum(value) AS value
    FROM steps
    GROUP BY kind
    HAVING sum(value) > 0
)

SELECT
    steps.kind,
    CAST(sum(steps.customers) OVER (PARTITION BY steps.kind ORDER BY steps.hundredth) AS DOUBLE)
    / totals.customers AS share_of_customers,
    sum(steps.value) OVER (PARTITION BY steps.kind ORDER BY steps.hundredth)
    / totals.value AS share_of_value
FROM steps
INNER JOIN totals ON steps.kind = totals.kind
UNION ALL
SELECT kind, 0.0, 0.0 FROM totals
ORDER BY kind, share_of_customers
