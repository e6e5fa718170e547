-- One row a customer, day in the organisation's zone, event and person: how often. What a person of
-- a company does counts for her and for the company. Payments are no use: they are left out.
WITH said AS (
    SELECT
        events.customer_id,
        customers.parent_id,
        events.name,
        CAST(
            events.happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE
        ) AS day,
        coalesce(
            json_extract_string(events.properties, '$.user_id'),
            json_extract_string(events.properties, '$.userId'),
            CASE WHEN customers.parent_id IS NOT NULL THEN events.customer_id END
        ) AS person
    FROM events
    CROSS JOIN run
    LEFT JOIN customers ON events.customer_id = customers.customer_id
    LEFT JOIN payment_events AS payments ON events.name = payments.name
    WHERE payments.name IS NULL
),

told AS (
    SELECT customer_id, day, name, person FROM said
    UNION ALL
    SELECT parent_id, day, name, person FROM said WHERE parent_id IS NOT NULL
)

SELECT customer_id, day, name, coalesce(person, '') AS person, count(*) AS events
FROM told
GROUP BY customer_id, day, name, coalesce(person, '')
