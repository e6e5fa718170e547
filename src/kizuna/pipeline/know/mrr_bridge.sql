-- One row a currency and month, from its first contract on: opening + all movements = closing, and
-- the closing of a month is the opening of the next, to the minor unit. Currencies are never mixed.
WITH spans AS (
    SELECT currency, CAST(date_trunc('month', min(day)) AS DATE) AS first_month
    FROM contract_events
    GROUP BY currency
),

listed AS (
    SELECT
        spans.currency,
        run.as_of,
        unnest(
            generate_series(
                spans.first_month,
                CAST(date_trunc('month', run.as_of) AS DATE),
                INTERVAL 1 MONTH
            )
        ) AS month
    FROM spans
    CROSS JOIN run
),

months AS (
    SELECT currency, as_of, CAST(month AS DATE) AS month FROM listed
),

moved AS (
    SELECT
        currency,
        CAST(date_trunc('month', day) AS DATE) AS month,
        sum(CASE WHEN kind = 'new' THEN change ELSE 0 END) AS won,
        sum(CASE WHEN kind = 'expansion' THEN change ELSE 0 END) AS grown,
        sum(CASE WHEN kind = 'contraction' THEN change ELSE 0 END) AS shrunk,
        sum(CASE WHEN kind = 'churn' THEN change ELSE 0 END) AS lost,
        sum(CASE WHEN kind = 'reactivation' THEN change ELSE 0 END) AS back,
        count(*) FILTER (WHERE kind = 'new') AS customers_won,
        count(*) FILTER (WHERE kind = 'reactivation') AS customers_back,
        count(*) FILTER (WHERE kind = 'churn') AS customers_lost
    FROM contract_events
    GROUP BY currency, CAST(date_trunc('month', day) AS DATE)
),

placed AS (
    SELECT
        months.currency,
        months.month,
        months.as_of,
        CAST(coalesce(moved.won, 0) AS BIGINT) AS won,
        CAST(coalesce(moved.grown, 0) AS BIGINT) AS grown,
        CAST(coalesce(moved.shrunk, 0) AS BIGINT) AS shrunk,
        CAST(coalesce(moved.lost, 0) AS BIGINT) AS lost,
        CAST(coalesce(moved.back, 0) AS BIGINT) AS back,
        coalesce(moved.customers_won, 0) AS customers_won,
        coalesce(moved.customers_back, 0) AS customers_back,
        coalesce(moved.customers_lost, 0) AS customers_lost
    FROM months
    LEFT JOIN moved ON months.currency = moved.currency AND months.month = moved.month
),

summed AS (
    SELECT
        *,
        won + grown + shrunk + lost + back AS change,
        customers_won + customers_back - customers_lost AS customers_change,
        CAST(
            sum(won + grown + shrunk + lost + back) OVER so_far AS BIGINT
        ) AS closing,
        CAST(
            sum(customers_won + customers_back - customers_lost) OVER so_far AS BIGINT
        ) AS customers_closing
    FROM placed
    WINDOW so_far AS (
        PARTITION BY currency ORDER BY month
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
)

SELECT
    currency,
    month,
    least(last_day(month), as_of) AS until_on,
    last_day(month) <= as_of AS complete,
    closing - change AS opening,
    won AS new,
    grown AS expansion,
    shrunk AS contraction,
    lost AS churn,
    back AS reactivation,
    closing,
    customers_closing - customers_change AS customers_opening,
    customers_won,
    customers_back,
    customers_lost,
    customers_closing
FROM summed
