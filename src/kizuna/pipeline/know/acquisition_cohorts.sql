-- One row a channel ('*': all) and month in which customers were won: what winning them cost, what
-- they have brought since, and the first month by whose end their margin covered it. Costs are those
-- of channel_costs; months without a cost say only how many were won.
WITH members AS (
    SELECT
        history.customer_id,
        coalesce(customers.channel, '') AS channel,
        CAST(date_trunc('month', history.first_purchase) AS DATE) AS cohort
    FROM order_history AS history
    LEFT JOIN customers ON history.customer_id = customers.customer_id
),

money AS (
    SELECT customer_id, day, amount FROM purchase_days
    UNION ALL
    SELECT customer_id, day, amount FROM returns
),

by_channel AS (
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

both_ways AS (
    SELECT channel, cohort, age, value FROM by_channel
    UNION ALL
    SELECT '*', cohort, age, value FROM by_channel
),

ages AS (
    SELECT channel, cohort, age, sum(value) AS value FROM both_ways GROUP BY channel, cohort, age
),

so_far AS (
    SELECT
        channel,
        cohort,
        age,
        sum(value) OVER (
            PARTITION BY channel, cohort ORDER BY age
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS value
    FROM ages
),

spent AS (
    SELECT channel, CAST(date_trunc('month', day) AS DATE) AS cohort, sum(cost) AS cost
    FROM channel_costs
    GROUP BY channel, CAST(date_trunc('month', day) AS DATE)
),

paid_back AS (
    SELECT so_far.channel, so_far.cohort, min(so_far.age) AS payback
    FROM so_far
    INNER JOIN spent ON so_far.channel = spent.channel AND so_far.cohort = spent.cohort
    CROSS JOIN run
    WHERE so_far.value * run.margin >= spent.cost
    GROUP BY so_far.channel, so_far.cohort
),

counted AS (
    SELECT channel, cohort, count(*) AS customers FROM members GROUP BY channel, cohort
    UNION ALL
    SELECT '*', cohort, count(*) FROM members GROUP BY cohort
),

sizes AS (
    SELECT channel, cohort, CAST(sum(customers) AS BIGINT) AS customers
    FROM counted
    GROUP BY channel, cohort
),

brought AS (
    SELECT channel, cohort, sum(value) AS value FROM ages GROUP BY channel, cohort
)

SELECT
    sizes.channel,
    sizes.cohort,
    sizes.customers,
    CAST(coalesce(brought.value, 0) AS BIGINT) AS value,
    CAST(coalesce(brought.value, 0) * run.margin AS DOUBLE) AS earned,
    CAST(spent.cost AS DOUBLE) AS cost,
    CAST(spent.cost / sizes.customers AS DOUBLE) AS cac,
    CAST(paid_back.payback AS INTEGER) AS payback_month,
    CAST(date_diff('month', sizes.cohort, CAST(date_trunc('month', run.as_of) AS DATE)) AS INTEGER)
        AS age_months
FROM sizes
CROSS JOIN run
LEFT JOIN brought ON sizes.channel = brought.channel AND sizes.cohort = brought.cohort
LEFT JOIN spent ON sizes.channel = spent.channel AND sizes.cohort = spent.cohort
LEFT JOIN paid_back ON sizes.channel = paid_back.channel AND sizes.cohort = paid_back.cohort
