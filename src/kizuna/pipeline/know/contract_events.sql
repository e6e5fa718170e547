-- One row a customer, currency and day on which the sum over all contracts changed. Ending one of
-- several contracts is a contraction; going from one contract to another on the next day is the
-- difference between the two. Who paid before, stopped and pays again is a reactivation.
WITH steps AS (
    SELECT customer_id, currency, from_on AS day, mrr AS change
    FROM contract_phases
    UNION ALL
    SELECT customer_id, currency, CAST(until_on + INTERVAL 1 DAY AS DATE), -mrr
    FROM contract_phases
    WHERE until_on IS NOT NULL
),

days AS (
    SELECT steps.customer_id, steps.currency, steps.day, CAST(sum(steps.change) AS BIGINT) AS change
    FROM steps
    CROSS JOIN run
    WHERE steps.day <= run.as_of
    GROUP BY steps.customer_id, steps.currency, steps.day
    HAVING sum(steps.change) <> 0
),

sums AS (
    SELECT
        customer_id,
        currency,
        day,
        change,
        CAST(
            sum(change) OVER (
                PARTITION BY customer_id, currency ORDER BY day
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS after
    FROM days
),

known AS (
    SELECT
        customer_id,
        currency,
        day,
        change,
        after,
        max(after) OVER (
            PARTITION BY customer_id, currency ORDER BY day
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS most_before
    FROM sums
)

SELECT
    customer_id,
    currency,
    day,
    CASE
        WHEN after - change <= 0 AND after > 0 AND most_before > 0 THEN 'reactivation'
        WHEN after - change <= 0 AND after > 0 THEN 'new'
        WHEN after - change > 0 AND after <= 0 THEN 'churn'
        WHEN change > 0 THEN 'expansion'
        ELSE 'contraction'
    END AS kind,
    after - change AS before,
    change,
    after
FROM known
