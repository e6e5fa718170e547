-- One row a cohort and complete month of its age: the share of the cohort that bought in the month.
SELECT
    cohort,
    age_months,
    customers,
    active,
    CAST(active AS DOUBLE) / customers AS rate
FROM cohort_ages
ORDER BY cohort, age_months
