-- One row a kind of leaving and band of health; who has no health yet is counted as 'unknown'.
SELECT
    coalesce(churn_kind, 'unknown') AS kind,
    coalesce(health_band, 'unknown') AS band,
    count(*) AS customers,
    avg(health) AS health,
    CAST(sum(mrr) AS BIGINT) AS mrr,
    CAST(sum(value_at_risk) AS DOUBLE) AS value_at_risk
FROM customer_facts
GROUP BY coalesce(churn_kind, 'unknown'), coalesce(health_band, 'unknown')
