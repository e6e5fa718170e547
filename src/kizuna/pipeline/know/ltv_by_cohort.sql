-- One row a cohort and complete month of its age: value of a customer so far, net of returns,
-- in units of the currency.
SELECT
    cohort,
    age_months,
    customers,
    CAST(sum(value) OVER (PARTITION BY cohort ORDER BY age_months) AS DOUBLE)
    / customers / minor_units AS cumulative_value_per_customer
FROM cohort_ages CROSS JOIN run
ORDER BY cohort, age_months
