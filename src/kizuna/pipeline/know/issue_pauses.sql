-- One row a contact after which the customer is awaited, and until when that lasted.
WITH following AS (
    SELECT
        *,
        min(CASE WHEN status <> 'waiting' THEN happened_at END) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS until_at
    FROM issue_contacts
)

SELECT customer_id, interaction_id, issue_id, happened_at AS from_at, until_at
FROM following
WHERE status = 'waiting'
