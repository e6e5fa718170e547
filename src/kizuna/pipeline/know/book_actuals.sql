-- One row a currency, day on which a forecast was made, and whole month after it: what the customers
-- of that day then brought, of each at most what it was on the day. So it is told of the same as the
-- forecast: a contract may be replaced by another, but growth and new customers do not count.
-- The days are those of the book, and those on which a publication told a forecast.
WITH told AS (
    SELECT made_on FROM contract_book
    UNION
    SELECT made_on FROM revenue_log
),

days AS (
    SELECT made_on, CAST(date_trunc('month', made_on) AS DATE) AS month FROM told
),

there AS (
    SELECT
        phases.customer_id,
        phases.currency,
        days.made_on,
        days.month,
        sum(phases.mrr) AS mrr
    FROM contract_phases AS phases
    INNER JOIN days
        ON phases.from_on <= days.made_on
        AND (phases.until_on IS NULL OR phases.until_on >= days.made_on)
    WHERE phases.mrr > 0
    GROUP BY phases.customer_id, phases.currency, days.made_on, days.month
),

paid AS (
    SELECT customer_id, currency, month, sum(mrr) AS mrr
    FROM contract_months
    GROUP BY customer_id, currency, month
),

listed AS (
    SELECT DISTINCT there.currency, there.made_on, months.month
    FROM there
    INNER JOIN contract_months AS months
        ON there.currency = months.currency AND months.month > there.month
),

brought AS (
    SELECT there.currency, there.made_on, paid.month, sum(least(paid.mrr, there.mrr)) AS mrr
    FROM there
    INNER JOIN paid
        ON there.customer_id = paid.customer_id
        AND there.currency = paid.currency
        AND paid.month > there.month
    GROUP BY there.currency, there.made_on, paid.month
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
