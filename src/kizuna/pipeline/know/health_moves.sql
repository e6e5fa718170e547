-- One row a customer and way of comparing: health beside an earlier one. 'told': the latest that a
-- publication of an earlier day told. 'computed': the latest end of a month 25 days back or more, by
-- the model of now, so that a new model alone moves nothing. The group is the one whose points
-- changed most in the direction in which health moved.
WITH told AS (
    SELECT
        log.customer_id, log.told_on, log.health, log.health_band,
        log.health_use, log.health_service, log.health_relation, log.health_money, log.health_sentiment,
        row_number() OVER (
            PARTITION BY log.customer_id ORDER BY log.publication DESC, log.told_on DESC
        ) AS place
    FROM health_log AS log
    CROSS JOIN run
    WHERE log.told_on < run.as_of
),
computed AS (
    SELECT
        trail.customer_id, trail.day, trail.health, trail.health_band,
        trail.health_use, trail.health_service, trail.health_relation, trail.health_money, trail.health_sentiment,
        row_number() OVER (PARTITION BY trail.customer_id ORDER BY trail.day DESC) AS place
    FROM health_trail AS trail
    CROSS JOIN run
    WHERE trail.day <= run.as_of - INTERVAL 25 DAY
),
earlier AS (
    SELECT
        customer_id, 'told' AS compared, told_on AS before_on, health AS before,
        health_band AS before_band, health_use, health_service, health_relation, health_money, health_sentiment
    FROM told
    WHERE place = 1 AND health IS NOT NULL AND health_band IS NOT NULL
    UNION ALL
    SELECT
        customer_id, 'computed' AS compared, day AS before_on, health AS before,
        health_band AS before_band, health_use, health_service, health_relation, health_money, health_sentiment
    FROM computed
    WHERE place = 1
),
moved AS (
    SELECT
        now.customer_id, earlier.compared, earlier.before_on, earlier.before, earlier.before_band,
        now.health, now.health_band, now.health - earlier.before AS change,
        now.health_use - earlier.health_use AS d_use,
        now.health_service - earlier.health_service AS d_service,
        now.health_relation - earlier.health_relation AS d_relation,
        now.health_money - earlier.health_money AS d_money,
        now.health_sentiment - earlier.health_sentiment AS d_sentiment
    FROM health_scores AS now
    INNER JOIN earlier ON earlier.customer_id = now.customer_id
),
most AS (
    SELECT
        *,
        CASE WHEN change < 0
            THEN least(coalesce(d_use, 0), coalesce(d_service, 0), coalesce(d_relation, 0), coalesce(d_money, 0), coalesce(d_sentiment, 0))
            ELSE greatest(coalesce(d_use, 0), coalesce(d_service, 0), coalesce(d_relation, 0), coalesce(d_money, 0), coalesce(d_sentiment, 0))
        END AS peak
    FROM moved
)
SELECT
    customer_id,
    compared,
    before_on,
    before,
    before_band,
    health,
    health_band,
    change,
    CASE
        WHEN peak = 0 THEN NULL
        WHEN d_use = peak THEN 'use'
        WHEN d_service = peak THEN 'service'
        WHEN d_relation = peak THEN 'relation'
        WHEN d_money = peak THEN 'money'
        WHEN d_sentiment = peak THEN 'sentiment'
    END AS moved_group,
    CASE WHEN peak <> 0 THEN peak END AS moved_points
FROM most
