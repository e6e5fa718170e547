-- One row a customer and day that is asked about, from the first contact on. Of each issue the state
-- counts that it had on that day: a later contact changes nothing.
WITH known AS (
    SELECT
        moments.customer_id,
        moments.day,
        max(contacts.day) AS last_day,
        count(*) FILTER (
            WHERE contacts.direction = 'in' AND contacts.day > moments.day - INTERVAL 90 DAY
        ) AS contacts_90d,
        CAST(coalesce(sum(contacts.reopened) FILTER (
            WHERE contacts.day > moments.day - INTERVAL 90 DAY
        ), 0) AS BIGINT) AS reopened_90d,
        sum(contacts.minutes) FILTER (WHERE contacts.day > moments.day - INTERVAL 365 DAY)
            AS service_minutes_365d
    FROM issue_contacts AS contacts
    INNER JOIN fact_moments AS moments
        ON contacts.customer_id = moments.customer_id AND contacts.day <= moments.day
    GROUP BY moments.customer_id, moments.day
),

standing AS (
    SELECT
        moments.day AS fact_day,
        days.customer_id,
        days.status,
        effort_days.effort,
        date_diff('second', days.asked_at, days.answered_at) / 3600.0 AS response_hours,
        date_diff('second', days.started_at, days.resolved_at) / 3600.0 AS resolution_hours
    FROM issue_days AS days
    INNER JOIN fact_moments AS moments
        ON days.customer_id = moments.customer_id
        AND days.day <= moments.day
        AND (days.next_on IS NULL OR days.next_on > moments.day)
        AND days.day > moments.day - INTERVAL 90 DAY
    INNER JOIN effort_days
        ON days.customer_id = effort_days.customer_id
        AND days.issue_id = effort_days.issue_id
        AND days.day = effort_days.day
),

issues_90d AS (
    SELECT
        fact_day,
        customer_id,
        count(*) AS cases_90d,
        count(*) FILTER (WHERE status IN ('open', 'waiting')) AS cases_open,
        count(*) FILTER (WHERE effort >= 50) AS hard_issues_90d,
        CAST(avg(response_hours) AS DOUBLE) AS first_response_hours_90d,
        CAST(avg(resolution_hours) AS DOUBLE) AS resolution_hours_90d,
        avg(effort) AS effort_90d
    FROM standing
    GROUP BY fact_day, customer_id
)

SELECT
    known.customer_id,
    known.day,
    coalesce(issues_90d.cases_open, 0) AS cases_open,
    coalesce(issues_90d.cases_90d, 0) AS cases_90d,
    known.contacts_90d,
    issues_90d.first_response_hours_90d,
    issues_90d.resolution_hours_90d,
    known.reopened_90d,
    issues_90d.effort_90d,
    coalesce(issues_90d.hard_issues_90d, 0) AS hard_issues_90d,
    known.service_minutes_365d,
    known.last_day AS newest_service_on
FROM known
LEFT JOIN issues_90d
    ON known.customer_id = issues_90d.customer_id AND known.day = issues_90d.fact_day
