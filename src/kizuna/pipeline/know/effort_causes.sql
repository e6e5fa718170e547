-- Where effort comes from: issues of the last 365 days, all of them, by driver, subject and channel.
WITH recent AS (
    SELECT
        issues.customer_id,
        coalesce(issues.subject, '') AS subject,
        issues.channel,
        issues.never_closed,
        scores.hard,
        scores.effort,
        scores.repeats_points,
        scores.switches_points,
        scores.transfers_points,
        scores.said_again_points,
        scores.long_waits_points,
        scores.self_service_points
    FROM issues
    INNER JOIN effort_scores AS scores
        ON issues.customer_id = scores.customer_id AND issues.issue_id = scores.issue_id
    WHERE scores.recent
),

told AS (
    SELECT 'all' AS kind, '' AS name, customer_id, hard, effort, NULL AS points, never_closed
    FROM recent
    UNION ALL
    SELECT 'subject', subject, customer_id, hard, effort, NULL, never_closed FROM recent
    UNION ALL
    SELECT 'channel', channel, customer_id, hard, effort, NULL, never_closed FROM recent
    UNION ALL
    SELECT 'driver', 'repeats', customer_id, hard, effort, repeats_points, never_closed
    FROM recent WHERE repeats_points > 0
    UNION ALL
    SELECT 'driver', 'switches', customer_id, hard, effort, switches_points, never_closed
    FROM recent WHERE switches_points > 0
    UNION ALL
    SELECT 'driver', 'transfers', customer_id, hard, effort, transfers_points, never_closed
    FROM recent WHERE transfers_points > 0
    UNION ALL
    SELECT 'driver', 'said_again', customer_id, hard, effort, said_again_points, never_closed
    FROM recent WHERE said_again_points > 0
    UNION ALL
    SELECT 'driver', 'long_waits', customer_id, hard, effort, long_waits_points, never_closed
    FROM recent WHERE long_waits_points > 0
    UNION ALL
    SELECT 'driver', 'self_service', customer_id, hard, effort, self_service_points, never_closed
    FROM recent WHERE self_service_points > 0
)

SELECT
    kind,
    name,
    count(*) AS issues,
    count(DISTINCT customer_id) AS customers,
    count(*) FILTER (WHERE hard) AS hard_issues,
    avg(effort) AS effort,
    CAST(avg(points) AS DOUBLE) AS points,
    count(*) FILTER (WHERE never_closed) AS never_closed
FROM told
GROUP BY kind, name
