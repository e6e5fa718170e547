-- One row a customer: the customers file of `kizuna value`; amounts in units of the currency.
SELECT
    customer_id,
    first_purchase,
    last_purchase,
    frequency,
    recency,
    age,
    mean_spend / minor_units AS mean_spend,
    CAST(historical_value AS DOUBLE) / minor_units AS historical_value,
    p_alive,
    expected_purchases,
    expected_purchases_low,
    expected_purchases_high,
    residual_clv / minor_units AS residual_clv,
    residual_clv_low / minor_units AS residual_clv_low,
    residual_clv_high / minor_units AS residual_clv_high,
    rfm_segment
FROM valued_customers CROSS JOIN run
WHERE first_purchase IS NOT NULL
