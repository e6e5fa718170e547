-- One row an issue: its effort on the last day observed, and the driver that adds most to it.
WITH latest AS (
    SELECT
        effort_days.*,
        greatest(
            repeats_points, switches_points, transfers_points,
            said_again_points, long_waits_points, self_service_points
        ) AS most
    FROM effort_days
    INNER JOIN issue_days
        ON effort_days.customer_id = issue_days.customer_id
        AND effort_days.issue_id = issue_days.issue_id
        AND effort_days.day = issue_days.day
    WHERE issue_days.next_on IS NULL
)

SELECT
    latest.customer_id,
    latest.issue_id,
    effort,
    effort >= 50 AS hard,
    issues.last_at > run.as_of - INTERVAL 364 DAY AS recent,
    CASE
        WHEN most <= 0 THEN NULL
        WHEN repeats_points = most THEN 'repeats'
        WHEN transfers_points = most THEN 'transfers'
        WHEN long_waits_points = most THEN 'long_waits'
        WHEN said_again_points = most THEN 'said_again'
        WHEN switches_points = most THEN 'switches'
        ELSE 'self_service'
    END AS cause,
    repeats_points,
    switches_points,
    transfers_points,
    said_again_points,
    long_waits_points,
    self_service_points
FROM latest
INNER JOIN issues
    ON latest.customer_id = issues.customer_id AND latest.issue_id = issues.issue_id
CROSS JOIN run
