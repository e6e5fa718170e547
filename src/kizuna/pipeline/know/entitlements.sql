-- One row a customer whose running contracts say how many places are paid for, beside the people
-- seen in events of the last 28 days: those that an event names (user_id), and customers of their
-- own who belong to this one; payments are no use. Where no event names anybody, use is not known.
WITH paid AS (
    SELECT phases.customer_id, CAST(sum(phases.seats) AS BIGINT) AS seats
    FROM contract_phases AS phases
    CROSS JOIN run
    WHERE
        phases.seats IS NOT NULL
        AND phases.from_on <= run.as_of
        AND (phases.until_on IS NULL OR phases.until_on >= run.as_of)
    GROUP BY phases.customer_id
),

seen AS (
    SELECT
        coalesce(customers.parent_id, events.customer_id) AS customer_id,
        coalesce(
            json_extract_string(events.properties, '$.user_id'),
            json_extract_string(events.properties, '$.userId'),
            CASE WHEN customers.parent_id IS NOT NULL THEN events.customer_id END
        ) AS person
    FROM events
    CROSS JOIN run
    LEFT JOIN customers ON events.customer_id = customers.customer_id
    LEFT JOIN payment_events AS payments ON events.name = payments.name
    WHERE
        payments.name IS NULL
        AND events.happened_at > run.as_of - INTERVAL 28 DAY
        AND events.happened_at < run.as_of + INTERVAL 1 DAY
),

used AS (
    SELECT customer_id, count(*) AS events, count(DISTINCT person) AS people
    FROM seen
    GROUP BY customer_id
)

SELECT
    paid.customer_id,
    paid.seats,
    nullif(used.people, 0) AS used,
    coalesce(used.events, 0) AS events,
    CASE WHEN paid.seats > 0 THEN nullif(used.people, 0) / CAST(paid.seats AS DOUBLE) END AS use
FROM paid
LEFT JOIN used ON paid.customer_id = used.customer_id
