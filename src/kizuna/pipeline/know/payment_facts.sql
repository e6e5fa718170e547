-- One row a customer and day by which a payment of hers is known from events: how many failed of
-- late, and how many of these have failed since the last that came through. Which events tell of
-- payments, and how they came out, stands in `payment_events`.
WITH told AS (
    SELECT
        moments.customer_id,
        moments.day,
        payments.outcome,
        events.happened_at,
        CAST(events.happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE) AS paid_on,
        max(CASE WHEN payments.outcome = 'paid' THEN events.happened_at END)
            OVER each AS paid_at
    FROM fact_moments AS moments
    CROSS JOIN run
    INNER JOIN events ON moments.customer_id = events.customer_id
    INNER JOIN payment_events AS payments ON events.name = payments.name
    WHERE
        CAST(events.happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE) <= moments.day
    WINDOW each AS (PARTITION BY moments.customer_id, moments.day)
),

failed AS (
    SELECT
        customer_id,
        day,
        paid_on,
        outcome = 'failed' AND date_diff('day', paid_on, day) < 90 AS of_late,
        paid_at IS NULL OR happened_at > paid_at AS unpaid
    FROM told
)

SELECT
    customer_id,
    day,
    count(CASE WHEN of_late THEN 1 END) AS failed_payments_90d,
    count(CASE WHEN of_late AND unpaid THEN 1 END) AS failed_payments_open,
    max(paid_on) AS newest_payment_on
FROM failed
GROUP BY customer_id, day
