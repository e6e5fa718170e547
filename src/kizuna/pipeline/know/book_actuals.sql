-- One row a currency, day on which a forecast was made, and whole month after it: what the customers
-- of that day then brought. What they took on besides counts, new customers do not.
WITH days AS (
    SELECT DISTINCT made_on, CAST(date_trunc('month', made_on) AS DATE) AS month FROM contract_book
),

there AS (
    SELECT DISTINCT phases.customer_id, phases.currency, days.made_on, days.month
    FROM contract_phases AS phases
    INNER JOIN days
        ON phases.from_on <= days.made_on
        AND (phases.until_on IS NULL OR phases.until_on >= days.made_on)
    WHERE phases.mrr > 0
),

listed AS (
    SELECT DISTINCT there.currency, there.made_on, months.month
    FROM there
    INNER JOIN contract_months AS months
        ON there.currency = months.currency AND months.month > there.month
),

brought AS (
    SELECT there.currency, there.made_on, months.month, sum(months.mrr) AS mrr
    FROM there
    INNER JOIN contract_months AS months
        ON there.customer_id = months.customer_id
        AND there.currency = months.currency
        AND months.month > there.month
    GROUP BY there.currency, there.made_on, months.month
)

SELECT
    listed.currency,
    listed.made_on,
    listed.month,
    CAST(coalesce(brought.mrr, 0) AS BIGINT) AS mrr
FROM listed
CROSS JOIN run
LEFT JOIN brought
    ON listed.currency = brought.currency
    AND listed.made_on = brought.made_on
    AND listed.month = brought.month
WHERE last_day(listed.month) <= run.as_of
