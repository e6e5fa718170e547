-- One row a horizon (28, 90, 180, 365 days): the margin of the last days, of all customers who were
-- customers before them, how much it differs, and how much of that the days before foretold. By it
-- one knows before an action how many customers an answer needs.
WITH flows AS (
    SELECT customer_id, date_diff('day', day, as_of) AS age, amount * margin AS amount
    FROM purchase_days
    CROSS JOIN run
    UNION ALL
    SELECT customer_id, date_diff('day', day, as_of), amount * margin
    FROM returns
    CROSS JOIN run
),

bought AS (
    SELECT
        customer_id,
        max(age) AS age,
        sum(CASE WHEN age BETWEEN 0 AND 27 THEN amount ELSE 0 END) AS after_28,
        sum(CASE WHEN age BETWEEN 28 AND 55 THEN amount ELSE 0 END) AS before_28,
        sum(CASE WHEN age BETWEEN 0 AND 89 THEN amount ELSE 0 END) AS after_90,
        sum(CASE WHEN age BETWEEN 90 AND 179 THEN amount ELSE 0 END) AS before_90,
        sum(CASE WHEN age BETWEEN 0 AND 179 THEN amount ELSE 0 END) AS after_180,
        sum(CASE WHEN age BETWEEN 180 AND 359 THEN amount ELSE 0 END) AS before_180,
        sum(CASE WHEN age BETWEEN 0 AND 364 THEN amount ELSE 0 END) AS after_365,
        sum(CASE WHEN age BETWEEN 365 AND 729 THEN amount ELSE 0 END) AS before_365
    FROM flows
    WHERE age >= 0
    GROUP BY customer_id
),

terms AS (
    SELECT
        phases.customer_id,
        run.margin * phases.mrr / 30.4375 AS daily,
        date_diff('day', phases.from_on, run.as_of) AS from_age,
        greatest(coalesce(date_diff('day', phases.until_on, run.as_of), 0), 0) AS until_age
    FROM contract_phases AS phases
    CROSS JOIN run
    WHERE phases.from_on <= run.as_of
),

recurring AS (
    SELECT
        customer_id,
        max(from_age) AS age,
        sum(daily * greatest(least(from_age, 27) - until_age + 1, 0)) AS after_28,
        sum(daily * greatest(least(from_age, 55) - greatest(until_age, 28) + 1, 0)) AS before_28,
        sum(daily * greatest(least(from_age, 89) - until_age + 1, 0)) AS after_90,
        sum(daily * greatest(least(from_age, 179) - greatest(until_age, 90) + 1, 0)) AS before_90,
        sum(daily * greatest(least(from_age, 179) - until_age + 1, 0)) AS after_180,
        sum(daily * greatest(least(from_age, 359) - greatest(until_age, 180) + 1, 0)) AS before_180,
        sum(daily * greatest(least(from_age, 364) - until_age + 1, 0)) AS after_365,
        sum(daily * greatest(least(from_age, 729) - greatest(until_age, 365) + 1, 0)) AS before_365
    FROM terms
    GROUP BY customer_id
),

customers AS (
    SELECT
        customer_id,
        max(age) AS age,
        sum(after_28) AS after_28,
        sum(before_28) AS before_28,
        sum(after_90) AS after_90,
        sum(before_90) AS before_90,
        sum(after_180) AS after_180,
        sum(before_180) AS before_180,
        sum(after_365) AS after_365,
        sum(before_365) AS before_365
    FROM (SELECT * FROM bought UNION ALL SELECT * FROM recurring) AS both_kinds
    GROUP BY customer_id
),

outcomes AS (
    SELECT 28 AS horizon_days, after_28 AS after, before_28 AS before FROM customers WHERE age >= 28
    UNION ALL
    SELECT 90, after_90, before_90 FROM customers WHERE age >= 90
    UNION ALL
    SELECT 180, after_180, before_180 FROM customers WHERE age >= 180
    UNION ALL
    SELECT 365, after_365, before_365 FROM customers WHERE age >= 365
),

sums AS (
    SELECT
        horizon_days,
        count(*) AS customers,
        avg(after) AS mean,
        avg(before) AS mean_before,
        stddev_pop(after) AS deviation,
        stddev_pop(before) AS deviation_before,
        avg(after * before) - avg(after) * avg(before) AS shared
    FROM outcomes
    GROUP BY horizon_days
)

SELECT
    CAST(horizon_days AS INTEGER) AS horizon_days,
    customers,
    mean,
    coalesce(deviation, 0) AS deviation,
    CASE
        WHEN deviation > 0 AND deviation_before > 0
            THEN least(
                shared * shared
                / (deviation * deviation * deviation_before * deviation_before),
                1
            )
        ELSE 0
    END AS removed
FROM sums
WHERE customers >= 2
