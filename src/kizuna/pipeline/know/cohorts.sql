-- One row a month of first purchase: how many customers, how many came back, what they brought.
-- Amounts in minor units, net of returns. `complete_months` counts the months, from the cohort's
-- own, that lie wholly within what is observed.
SELECT
    CAST(date_trunc('month', purchases.first_purchase) AS DATE) AS cohort,
    CAST(date_diff(
        'month',
        CAST(date_trunc('month', purchases.first_purchase) AS DATE),
        CAST(date_trunc('month', run.as_of + INTERVAL 1 DAY) AS DATE)
    ) AS INTEGER) AS complete_months,
    count(*) AS customers,
    count(*) FILTER (WHERE purchases.frequency > 0) AS repeat_customers,
    CAST(sum(purchases.frequency + 1) AS BIGINT) AS purchases,
    CAST(sum(spend.historical_value) AS BIGINT) AS historical_value
FROM purchases
INNER JOIN spend ON purchases.customer_id = spend.customer_id
CROSS JOIN run
GROUP BY
    CAST(date_trunc('month', purchases.first_purchase) AS DATE),
    CAST(date_trunc('month', run.as_of + INTERVAL 1 DAY) AS DATE)
ORDER BY cohort
