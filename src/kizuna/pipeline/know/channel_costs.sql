-- One row a channel and day of the log: what was spent to win customers. A cost for several days is
-- spread evenly over them; days before the first order of the log are left out, as nobody can have
-- been seen to be won on them. Without a channel of its own a cost takes that of its customer.
WITH spread AS (
    SELECT
        coalesce(costs.channel, customers.channel, '') AS channel,
        unnest(generate_series(costs.from_on, costs.until_on, INTERVAL 1 DAY)) AS day,
        costs.amount / (date_diff('day', costs.from_on, costs.until_on) + 1.0) AS cost
    FROM costs
    LEFT JOIN customers ON costs.customer_id = customers.customer_id
    WHERE costs.kind = 'acquisition'
),

days AS (
    SELECT channel, CAST(day AS DATE) AS day, cost FROM spread
),

log AS (
    SELECT min(first_purchase) AS first_day FROM purchases
),

seen AS (
    SELECT days.channel, days.day, days.cost
    FROM days
    CROSS JOIN run
    CROSS JOIN log
    WHERE days.day >= log.first_day AND days.day <= run.as_of
),

told AS (
    SELECT channel, day, cost FROM seen
    UNION ALL
    SELECT '*', day, cost FROM seen
)

SELECT channel, day, CAST(sum(cost) AS DOUBLE) AS cost
FROM told
GROUP BY channel, day
