-- One row an issue, as it stands on the last day observed.
WITH begun AS (
    SELECT customer_id, issue_id, channel, subject FROM issue_contacts WHERE place = 1
)

SELECT
    begun.customer_id,
    begun.issue_id,
    begun.channel,
    begun.subject,
    days.started_at,
    days.last_at,
    days.asked_at,
    days.answered_at,
    days.resolved_at,
    days.contacts,
    days.contacts_in,
    days.repeats,
    days.switches,
    days.transfers,
    days.said_again,
    days.long_waits,
    days.self_service,
    days.reopenings,
    days.status,
    days.status IN ('open', 'waiting') AND days.last_at < run.as_of - INTERVAL 90 DAY
        AS never_closed
FROM begun
INNER JOIN issue_days AS days
    ON begun.customer_id = days.customer_id AND begun.issue_id = days.issue_id
CROSS JOIN run
WHERE days.next_on IS NULL
