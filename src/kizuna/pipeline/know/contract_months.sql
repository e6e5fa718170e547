-- One row a contract and month at whose end it ran; of the month that is not over, up to the last
-- day observed. The remainder of a billing period stands in its last month: the months of a period
-- add up to the amount billed for it, to the minor unit.
WITH listed AS (
    SELECT
        phases.*,
        CAST(date_trunc('month', phases.priced_on) AS DATE) AS first_month,
        run.as_of,
        unnest(
            generate_series(
                CAST(date_trunc('month', phases.from_on) AS DATE),
                CAST(
                    date_trunc(
                        'month', least(coalesce(phases.until_on, run.as_of), run.as_of)
                    ) AS DATE
                ),
                INTERVAL 1 MONTH
            )
        ) AS starts_at
    FROM contract_phases AS phases
    CROSS JOIN run
    WHERE phases.from_on <= run.as_of
),

months AS (
    SELECT *, CAST(starts_at AS DATE) AS month FROM listed
),

ends AS (
    SELECT *, least(last_day(month), as_of) AS seen_on
    FROM months
)

SELECT
    contract_id,
    customer_id,
    product,
    currency,
    month,
    mrr,
    CASE
        WHEN (date_diff('month', first_month, month) + 1) % billing_months = 0 THEN remainder
        ELSE 0
    END AS remainder,
    seats
FROM ends
WHERE from_on <= seen_on AND (until_on IS NULL OR until_on >= seen_on)
