-- One row a customer and day by which a payment of hers is known from events: how many failed of
-- late. Which events tell of payments, and how they came out, stands in `payment_events`.
SELECT
    moments.customer_id,
    moments.day,
    count(
        CASE
            WHEN
                payments.outcome = 'failed'
                AND date_diff(
                    'day',
                    CAST(
                        events.happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE
                    ),
                    moments.day
                ) < 90
                THEN 1
        END
    ) AS failed_payments_90d,
    max(
        CAST(events.happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE)
    ) AS newest_payment_on
FROM fact_moments AS moments
CROSS JOIN run
INNER JOIN events ON moments.customer_id = events.customer_id
INNER JOIN payment_events AS payments ON events.name = payments.name
WHERE
    CAST(events.happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE) <= moments.day
GROUP BY moments.customer_id, moments.day
