-- One row a contact, with the issue that it belongs to and what made it hard: its case, or else the
-- same customer and subject with no more than seven days in between. Each row follows from contacts
-- before it alone, so that any past day can be told as it was known then. A wait is long beyond
-- five minutes where people talk, beyond a day where they write.
WITH told AS (
    SELECT
        c.customer_id,
        c.interaction_id,
        c.happened_at,
        CAST(c.happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE) AS day,
        lower(c.channel) AS channel,
        lower(c.channel) IN ('phone', 'chat', 'visit', 'in_person') AS live,
        CASE WHEN lower(c.direction) = 'out' THEN 'out' ELSE 'in' END AS direction,
        nullif(trim(c.case_id), '') AS case_id,
        nullif(trim(c.subject), '') AS subject,
        CASE WHEN nullif(trim(c.case_id), '') IS NULL THEN lower(trim(coalesce(c.subject, ''))) END
            AS topic,
        nullif(lower(trim(c.text)), '') AS words,
        c.wait_seconds,
        c.minutes,
        c.outcome,
        outcomes.status AS told_status,
        CAST(coalesce(c.transfers, 0) AS BIGINT) AS transfers
    FROM interactions AS c
    CROSS JOIN run
    LEFT JOIN contact_outcomes AS outcomes ON lower(trim(c.outcome)) = outcomes.outcome
    WHERE CAST(c.happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE) <= run.as_of
),

gaps AS (
    SELECT
        *,
        lag(happened_at) OVER (
            PARTITION BY customer_id, case_id, topic ORDER BY happened_at, interaction_id
        ) AS before_at
    FROM told
),

episodes AS (
    SELECT
        *,
        sum(CASE WHEN case_id IS NULL AND happened_at > before_at + INTERVAL 7 DAY THEN 1 ELSE 0 END)
            OVER (PARTITION BY customer_id, case_id, topic ORDER BY happened_at, interaction_id)
            AS episode
    FROM gaps
),

named AS (
    SELECT
        *,
        coalesce(
            case_id,
            'first:' || first_value(interaction_id) OVER (
                PARTITION BY customer_id, case_id, topic, episode
                ORDER BY happened_at, interaction_id
            )
        ) AS issue_id
    FROM episodes
),

placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY customer_id, issue_id ORDER BY happened_at, interaction_id
        ) AS place,
        lag(direction) OVER (
            PARTITION BY customer_id, issue_id ORDER BY happened_at, interaction_id
        ) AS before_direction,
        lag(happened_at) OVER (
            PARTITION BY customer_id, issue_id ORDER BY happened_at, interaction_id
        ) AS before_contact_at,
        lag(channel) OVER (
            PARTITION BY customer_id, issue_id, direction ORDER BY happened_at, interaction_id
        ) AS before_channel,
        row_number() OVER (
            PARTITION BY customer_id, issue_id, direction ORDER BY happened_at, interaction_id
        ) AS turn,
        row_number() OVER (
            PARTITION BY customer_id, issue_id, direction, words
            ORDER BY happened_at, interaction_id
        ) AS telling,
        coalesce(
            told_status,
            CASE WHEN direction = 'out' OR (live AND minutes > 0) THEN 'answered' ELSE 'open' END
        ) AS own_status
    FROM named
),

history AS (
    SELECT
        *,
        max(CASE WHEN own_status = 'resolved' THEN place END) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS resolved_place,
        max(CASE WHEN direction = 'in' THEN place END) OVER (
            PARTITION BY customer_id, issue_id ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS in_place
    FROM placed
),

alone AS (
    SELECT DISTINCT first_contacts.customer_id, first_contacts.interaction_id
    FROM placed AS first_contacts
    INNER JOIN events ON first_contacts.customer_id = events.customer_id
    INNER JOIN self_service_events AS helps ON lower(trim(events.name)) = helps.name
    WHERE
        first_contacts.place = 1
        AND first_contacts.direction = 'in'
        AND events.happened_at <= first_contacts.happened_at
        AND events.happened_at > first_contacts.happened_at - INTERVAL 1 DAY
)

SELECT
    history.customer_id,
    history.interaction_id,
    history.issue_id,
    CAST(history.place AS BIGINT) AS place,
    history.happened_at,
    history.day,
    history.channel,
    history.direction,
    history.subject,
    history.wait_seconds,
    history.minutes,
    history.outcome,
    CAST(CASE WHEN direction = 'in' AND turn > 1 THEN 1 ELSE 0 END AS BIGINT) AS repeats,
    CAST(CASE WHEN direction = 'in' AND before_channel <> channel THEN 1 ELSE 0 END AS BIGINT)
        AS switches,
    history.transfers,
    CAST(
        CASE WHEN direction = 'in' AND words IS NOT NULL AND telling > 1 THEN 1 ELSE 0 END AS BIGINT
    ) AS said_again,
    CAST(CASE
        WHEN wait_seconds > (CASE WHEN live THEN 300 ELSE 86400 END) THEN 1
        WHEN
            direction = 'out' AND before_direction = 'in'
            AND happened_at > before_contact_at + INTERVAL 1 DAY
            THEN 1
        ELSE 0
    END AS BIGINT) AS long_waits,
    CAST(CASE WHEN alone.interaction_id IS NOT NULL THEN 1 ELSE 0 END AS BIGINT) AS self_service,
    CASE
        WHEN own_status = 'answered' AND direction = 'out' AND resolved_place >= coalesce(in_place, 0)
            THEN 'resolved'
        ELSE own_status
    END AS status,
    CAST(
        CASE WHEN direction = 'in' AND resolved_place >= coalesce(in_place, 0) THEN 1 ELSE 0 END
        AS BIGINT
    ) AS reopened,
    CASE
        WHEN direction = 'out' THEN happened_at
        WHEN live AND minutes > 0
            THEN happened_at + CAST(coalesce(wait_seconds, 0) AS INTEGER) * INTERVAL 1 SECOND
    END AS answered_at
FROM history
LEFT JOIN alone
    ON history.customer_id = alone.customer_id AND history.interaction_id = alone.interaction_id
