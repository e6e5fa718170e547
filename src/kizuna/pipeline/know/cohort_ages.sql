-- One row a cohort and complete month of its age, months without an order included.
WITH observed AS (
    SELECT cohort, customers, complete_months
    FROM cohorts
    WHERE complete_months > 0
),

ages AS (
    SELECT cohort, customers, unnest(generate_series(0, complete_months - 1)) AS age
    FROM observed
)

SELECT
    ages.cohort,
    CAST(ages.age AS INTEGER) AS age_months,
    ages.customers,
    coalesce(cohort_months.active, 0) AS active,
    coalesce(cohort_months.value, 0) AS value
FROM ages
LEFT JOIN cohort_months
    ON ages.cohort = cohort_months.cohort AND ages.age = cohort_months.age_months
