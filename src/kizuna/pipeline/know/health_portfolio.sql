-- One row a kind of leaving and band of the health that counts; who has no health yet is counted as
-- 'unknown'.
SELECT
    coalesce(churn_kind, 'unknown') AS kind,
    coalesce(health_band, 'unknown') AS band,
    count(*) AS customers,
    count(CASE WHEN health_by_hand THEN 1 END) AS by_hand,
    avg(health) AS health,
    CAST(sum(mrr) AS BIGINT) AS mrr,
    CAST(sum(value_at_risk) AS DOUBLE) AS value_at_risk
FROM customer_facts
GROUP BY coalesce(churn_kind, 'unknown'), coalesce(health_band, 'unknown')
