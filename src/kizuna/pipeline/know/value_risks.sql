-- One row a named segment of customers with orders: the value to come, and what of it is expected to
-- be lost because the customer has left already.
SELECT
    rfm_segment,
    count(*) AS customers,
    CAST(sum(residual_clv) AS DOUBLE) AS value,
    CAST(sum(value_at_risk) AS DOUBLE) AS expected_loss
FROM valued_customers
WHERE rfm_segment IS NOT NULL
GROUP BY rfm_segment
