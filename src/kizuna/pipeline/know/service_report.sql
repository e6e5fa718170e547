-- Service levels by month, promise and target.
SELECT
    CAST(date_trunc('month', from_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone) AS DATE) AS month,
    policy,
    target,
    count(*) AS issues,
    count(*) FILTER (WHERE state = 'met') AS met,
    count(*) FILTER (WHERE state = 'missed') AS missed,
    count(*) FILTER (WHERE state = 'running') AS running,
    count(*) FILTER (WHERE state = 'paused') AS paused,
    count(*) FILTER (WHERE state = 'met')
    / CAST(nullif(count(*) FILTER (WHERE state IN ('met', 'missed')), 0) AS DOUBLE) AS share_met,
    median(used_minutes) FILTER (WHERE done_at IS NOT NULL) AS median_minutes
FROM service_levels
CROSS JOIN run
GROUP BY CAST(date_trunc('month', from_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone) AS DATE), policy, target
