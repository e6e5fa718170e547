-- One row a channel and whole month of age: customers observed through it, and what they brought in
-- it, net of returns, in minor units. A return from before the first purchase counts at age 0.
WITH members AS (
    SELECT
        history.customer_id,
        coalesce(customers.channel, '') AS channel,
        CAST(date_trunc('month', history.first_purchase) AS DATE) AS cohort
    FROM order_history AS history
    LEFT JOIN customers ON history.customer_id = customers.customer_id
),

sizes AS (
    SELECT members.channel, members.cohort, cohorts.complete_months, count(*) AS customers
    FROM members
    INNER JOIN cohorts ON members.cohort = cohorts.cohort
    WHERE cohorts.complete_months > 0
    GROUP BY members.channel, members.cohort, cohorts.complete_months
),

ages AS (
    SELECT channel, cohort, customers, unnest(generate_series(0, complete_months - 1)) AS age
    FROM sizes
),

money AS (
    SELECT customer_id, day, amount FROM purchase_days
    UNION ALL
    SELECT customer_id, day, amount FROM returns
),

months AS (
    SELECT
        members.channel,
        members.cohort,
        greatest(
            date_diff('month', members.cohort, CAST(date_trunc('month', money.day) AS DATE)), 0
        ) AS age,
        sum(money.amount) AS value
    FROM money
    INNER JOIN members ON money.customer_id = members.customer_id
    CROSS JOIN run
    WHERE money.day <= run.as_of
    GROUP BY
        members.channel,
        members.cohort,
        greatest(
            date_diff('month', members.cohort, CAST(date_trunc('month', money.day) AS DATE)), 0
        )
),

placed AS (
    SELECT ages.channel, ages.age, ages.customers, coalesce(months.value, 0) AS value
    FROM ages
    LEFT JOIN months
        ON ages.channel = months.channel AND ages.cohort = months.cohort AND ages.age = months.age
),

told AS (
    SELECT channel, age, customers, value FROM placed
    UNION ALL
    SELECT '*', age, customers, value FROM placed
)

SELECT
    channel,
    CAST(age AS INTEGER) AS age_months,
    CAST(sum(customers) AS BIGINT) AS customers,
    CAST(sum(value) AS BIGINT) AS value
FROM told
GROUP BY channel, age
