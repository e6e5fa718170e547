-- One row a customer, touchpoint and day with a touch, up to the last day observed. A first order is
-- any on the day of the first purchase; contacts are those that came in.
WITH first_days AS (
    SELECT customer_id, min(ordered_on) AS day
    FROM transactions
    WHERE amount >= 0
    GROUP BY customer_id
),

told AS (
    SELECT
        events.customer_id,
        'event' AS source,
        lower(trim(events.name)) AS name,
        CAST(events.happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE) AS day
    FROM events
    CROSS JOIN run
    UNION ALL
    SELECT
        c.customer_id,
        'contact',
        lower(trim(c.channel)),
        CAST(c.happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE)
    FROM interactions AS c
    CROSS JOIN run
    WHERE coalesce(lower(c.direction), 'in') <> 'out'
    UNION ALL
    SELECT
        transactions.customer_id,
        'order',
        CASE
            WHEN transactions.amount < 0 THEN 'return'
            WHEN transactions.ordered_on = first_days.day THEN 'first'
            ELSE 'repeat'
        END,
        transactions.ordered_on
    FROM transactions
    LEFT JOIN first_days ON transactions.customer_id = first_days.customer_id
    UNION ALL
    SELECT customer_id, 'contract', kind, day FROM contract_events
    UNION ALL
    SELECT
        responses.customer_id,
        'answer',
        lower(trim(responses.kind)),
        CAST(responses.answered_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE)
    FROM responses
    CROSS JOIN run
)

SELECT told.customer_id, names.touchpoint, told.day, count(*) AS touches
FROM told
INNER JOIN journey_names AS names
    ON told.source = names.source AND (names.name = '*' OR told.name = names.name)
CROSS JOIN run
WHERE told.day <= run.as_of AND told.customer_id IS NOT NULL
GROUP BY told.customer_id, names.touchpoint, told.day
