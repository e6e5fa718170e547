-- One row a customer, known by purchases or by name: who she is, and what she is worth.
-- Amounts in minor units; times in periods of the run. Who is known by name only has no purchases.
SELECT
    coalesce(p.customer_id, n.customer_id) AS customer_id,
    n.name,
    n.name_kana,
    n.kind,
    n.email,
    n.phone,
    n.region,
    n.channel,
    n.acquired_on,
    n.parent_id,
    n.owner_email,
    p.first_purchase,
    p.last_purchase,
    CAST(date_trunc('month', p.first_purchase) AS DATE) AS cohort,
    p.frequency,
    p.recency,
    p.age,
    p.orders,
    s.mean_spend,
    s.historical_value,
    r.recency_score,
    r.frequency_score,
    r.monetary_score,
    r.rfm_segment,
    c.p_alive,
    c.expected_purchases,
    c.expected_purchases_low,
    c.expected_purchases_high,
    c.expected_spend,
    c.residual_clv,
    c.residual_clv_low,
    c.residual_clv_high,
    (1 - c.p_alive) * c.residual_clv AS value_at_risk
FROM purchases AS p
INNER JOIN spend AS s ON p.customer_id = s.customer_id
INNER JOIN rfm AS r ON p.customer_id = r.customer_id
LEFT JOIN clv_scores AS c ON p.customer_id = c.customer_id
FULL OUTER JOIN customers AS n ON p.customer_id = n.customer_id
