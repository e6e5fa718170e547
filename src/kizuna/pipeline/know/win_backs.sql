-- One row a month: customers who at its beginning had bought nothing for more than 180 days, and how
-- many of these bought again within it. Who falls silent and is back within one month is in neither.
WITH silent AS (
    SELECT
        CAST(date_trunc('month', day + INTERVAL 180 DAY) + INTERVAL 1 MONTH AS DATE) AS month,
        CASE WHEN next_on <= as_of THEN CAST(date_trunc('month', next_on) AS DATE) END AS back_in
    FROM purchase_days
    CROSS JOIN run
    WHERE day <= as_of
),

spells AS (
    SELECT month, back_in
    FROM silent
    CROSS JOIN run
    WHERE month <= run.as_of AND (back_in IS NULL OR back_in >= month)
),

moved AS (
    SELECT month, count(*) AS lapsed, 0 AS back FROM spells GROUP BY month
    UNION ALL
    SELECT back_in, 0, count(*) FROM spells WHERE back_in IS NOT NULL GROUP BY back_in
),

spans AS (
    SELECT min(moved.month) AS first_month, max(run.as_of) AS as_of
    FROM moved
    CROSS JOIN run
    HAVING min(moved.month) IS NOT NULL
),

listed AS (
    SELECT
        as_of,
        unnest(
            generate_series(
                first_month, CAST(date_trunc('month', as_of) AS DATE), INTERVAL 1 MONTH
            )
        ) AS starts_at
    FROM spans
),

months AS (
    SELECT CAST(starts_at AS DATE) AS month, as_of FROM listed
),

placed AS (
    SELECT
        months.month,
        last_day(months.month) <= months.as_of AS complete,
        coalesce(sum(moved.lapsed), 0) AS lapsed,
        coalesce(sum(moved.back), 0) AS back
    FROM months
    LEFT JOIN moved ON months.month = moved.month
    GROUP BY months.month, months.as_of
),

summed AS (
    SELECT
        *,
        sum(lapsed) OVER so_far - sum(back) OVER so_far + back AS silent
    FROM placed
    WINDOW so_far AS (ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)

SELECT
    month,
    complete,
    CAST(silent AS BIGINT) AS lapsed,
    CAST(back AS BIGINT) AS back,
    back / CAST(nullif(silent, 0) AS DOUBLE) AS rate
FROM summed
