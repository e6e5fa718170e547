-- One row a customer and stretch of days on each of which at least one contract ran: ending one of
-- several is not leaving, and going over to another the next day is not either. Notice is that of
-- the contract that ended last; where none was noted, the day on which it ended.
WITH phases AS (
    SELECT
        customer_id,
        contract_id,
        from_on,
        coalesce(until_on, DATE '9999-12-31') AS until_on
    FROM contract_phases
    WHERE until_on IS NULL OR until_on >= from_on
),

seen AS (
    SELECT
        *,
        max(until_on) OVER (
            PARTITION BY customer_id ORDER BY from_on, until_on, contract_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS until_before
    FROM phases
),

numbered AS (
    SELECT
        customer_id,
        from_on,
        until_on,
        sum(
            CASE WHEN until_before IS NULL OR date_diff('day', until_before, from_on) > 1 THEN 1 ELSE 0 END
        ) OVER (
            PARTITION BY customer_id ORDER BY from_on, until_on, contract_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS spell
    FROM seen
),

spells AS (
    SELECT customer_id, spell, min(from_on) AS started_on, max(until_on) AS until_on
    FROM numbered
    GROUP BY customer_id, spell
),

notices AS (
    SELECT customer_id, ended_on, max(coalesce(cancelled_on, ended_on)) AS notice_on
    FROM contracts
    WHERE ended_on IS NOT NULL
    GROUP BY customer_id, ended_on
)

SELECT
    spells.customer_id,
    spells.started_on,
    CASE
        WHEN spells.until_on < DATE '9999-12-31'
            THEN CAST(spells.until_on + INTERVAL 1 DAY AS DATE)
    END AS ended_on,
    CASE
        WHEN spells.until_on < DATE '9999-12-31'
            THEN least(coalesce(notices.notice_on, spells.until_on), spells.until_on)
    END AS notice_on
FROM spells
LEFT JOIN notices
    ON spells.customer_id = notices.customer_id AND spells.until_on = notices.ended_on
