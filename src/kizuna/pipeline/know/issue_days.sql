-- One row an issue and day with a contact: all that was known of it at the end of that day.
WITH first_asked AS (
    SELECT
        *,
        min(CASE WHEN direction = 'in' THEN happened_at END) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS asked_at
    FROM issue_contacts
),

so_far AS (
    SELECT
        customer_id,
        issue_id,
        day,
        status,
        asked_at,
        happened_at AS last_at,
        place AS contacts,
        lead(day) OVER (PARTITION BY customer_id, issue_id ORDER BY place) AS next_on,
        CAST(sum(CASE WHEN direction = 'in' THEN 1 ELSE 0 END) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT) AS contacts_in,
        CAST(sum(repeats) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT) AS repeats,
        CAST(sum(switches) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT) AS switches,
        CAST(sum(transfers) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT) AS transfers,
        CAST(sum(said_again) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT) AS said_again,
        CAST(sum(long_waits) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT) AS long_waits,
        CAST(sum(self_service) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT) AS self_service,
        CAST(sum(reopened) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT) AS reopenings,
        min(happened_at) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS started_at,
        min(CASE WHEN answered_at >= asked_at THEN answered_at END) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS answered_at,
        max(CASE WHEN status = 'resolved' AND outcome IS NOT NULL THEN happened_at END) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS last_resolved_at
    FROM first_asked
)

SELECT
    customer_id,
    issue_id,
    day,
    next_on,
    contacts,
    contacts_in,
    repeats,
    switches,
    transfers,
    said_again,
    long_waits,
    self_service,
    reopenings,
    status,
    started_at,
    last_at,
    asked_at,
    answered_at,
    CASE WHEN status = 'resolved' THEN last_resolved_at END AS resolved_at
FROM so_far
WHERE next_on IS NULL OR next_on > day
