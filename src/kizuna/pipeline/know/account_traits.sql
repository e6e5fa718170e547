-- One row an account whose contract runs and moment: how it uses what it pays for in the 91 days up
-- to the last one, and up to half a year before, from which kinds of accounts are found. What an
-- account did since is told without the terms of its contract: those hardly change, and would show
-- of any kinds that they last. Where contracts say seats, accounts are those with seats. Nobody is
-- told before use has been recorded for 91 days, nor are contacts before half a year of them.
WITH moments AS (
    SELECT 'now' AS moment, as_of AS day FROM run
    UNION ALL
    SELECT 'then', CAST(as_of - INTERVAL 182 DAY AS DATE) FROM run
),

own AS (
    SELECT phases.customer_id, phases.from_on, phases.until_on, phases.seats, phases.mrr
    FROM contract_phases AS phases
    CROSS JOIN run
    WHERE phases.currency = run.currency
),

terms AS (
    SELECT
        own.customer_id,
        moments.moment,
        moments.day,
        sum(own.mrr) AS mrr,
        sum(own.seats) AS seats
    FROM own
    INNER JOIN moments ON own.from_on <= moments.day
    WHERE own.until_on IS NULL OR own.until_on >= moments.day
    GROUP BY own.customer_id, moments.moment, moments.day
),

begun AS (
    SELECT customer_id, min(from_on) AS day FROM own GROUP BY customer_id
),

-- what anybody used, and since when
used AS (
    SELECT
        moments.moment,
        count(DISTINCT CASE WHEN use_days.day > moments.day - INTERVAL 91 DAY THEN use_days.name END)
            AS names,
        min(use_days.day) AS first_day
    FROM use_days
    INNER JOIN moments ON use_days.day <= moments.day
    GROUP BY moments.moment
),

first_contact AS (
    SELECT CAST(min(happened_at) AS DATE) AS day FROM interactions
),

accounts AS (
    SELECT
        terms.customer_id,
        terms.moment,
        terms.day,
        terms.mrr,
        terms.seats,
        begun.day AS begun_on,
        used.names,
        first_contact.day <= terms.day - INTERVAL 182 DAY AS contacts
    FROM terms
    INNER JOIN begun ON terms.customer_id = begun.customer_id
    INNER JOIN used ON terms.moment = used.moment AND used.first_day <= terms.day - INTERVAL 91 DAY
    CROSS JOIN first_contact
    CROSS JOIN (SELECT count(seats) AS said FROM terms) AS seated
    WHERE terms.seats IS NOT NULL OR seated.said = 0
),

done AS (
    SELECT
        accounts.customer_id,
        accounts.moment,
        count(DISTINCT use_days.day) AS days,
        count(DISTINCT use_days.name) AS names,
        count(DISTINCT CASE WHEN use_days.person <> '' THEN use_days.person END) AS people,
        sum(use_days.events) AS events,
        -- a large account does more on a day for having more people
        count(DISTINCT concat(use_days.person, ' ', CAST(use_days.day AS VARCHAR))) AS person_days
    FROM accounts
    INNER JOIN use_days
        ON accounts.customer_id = use_days.customer_id
        AND use_days.day <= accounts.day
        AND use_days.day > accounts.day - INTERVAL 91 DAY
    GROUP BY accounts.customer_id, accounts.moment
),

asked AS (
    SELECT
        accounts.customer_id,
        accounts.moment,
        count(
            DISTINCT floor(
                date_diff('day', CAST(interactions.happened_at AS DATE), accounts.day) / 7.0
            )
        ) AS weeks
    FROM accounts
    INNER JOIN interactions
        ON accounts.customer_id = interactions.customer_id
        AND CAST(interactions.happened_at AS DATE) <= accounts.day
        AND CAST(interactions.happened_at AS DATE) > accounts.day - INTERVAL 182 DAY
    WHERE coalesce(interactions.direction, 'in') = 'in'
    GROUP BY accounts.customer_id, accounts.moment
),

told AS (
    SELECT
        accounts.customer_id,
        accounts.moment,
        least(date_diff('day', accounts.begun_on, accounts.day) + 1, 91) AS days_seen,
        coalesce(done.days, 0) AS days_used,
        accounts.names AS names_known,
        CASE WHEN done.people > 0 OR done.days IS NULL THEN CAST(accounts.seats AS DOUBLE) END
            AS seats_known,
        coalesce(done.names, 0) AS names,
        coalesce(done.people, 0) AS people,
        done.events,
        coalesce(done.person_days, 0) AS person_days,
        CASE WHEN accounts.contacts THEN CAST(coalesce(asked.weeks, 0) AS DOUBLE) / 26 END
            AS asking,
        CAST(accounts.seats AS DOUBLE) AS seats,
        CAST(accounts.mrr AS DOUBLE) / greatest(coalesce(accounts.seats, 1), 1) AS seat_price,
        CAST(date_diff('day', accounts.begun_on, accounts.day) AS DOUBLE) AS tenure,
        CAST(accounts.mrr AS DOUBLE) AS mrr
    FROM accounts
    LEFT JOIN done
        ON accounts.customer_id = done.customer_id AND accounts.moment = done.moment
    LEFT JOIN asked
        ON accounts.customer_id = asked.customer_id AND accounts.moment = asked.moment
),

-- those of half a year ago as they are since
parts AS (
    SELECT 'now' AS moment, 'now' AS told_of
    UNION ALL
    SELECT 'then', 'then'
    UNION ALL
    SELECT 'since', 'now'
)

SELECT
    told.customer_id,
    parts.moment,
    told.days_seen,
    told.days_used,
    told.person_days,
    told.names_known,
    told.seats_known,
    least(CAST(told.days_used AS DOUBLE) / told.days_seen, 1.0) AS active_days,
    least(CAST(told.names AS DOUBLE) / nullif(told.names_known, 0), 1.0) AS breadth,
    CAST(told.events AS DOUBLE) / nullif(told.person_days, 0) AS depth,
    least(CAST(told.people AS DOUBLE) / nullif(told.seats_known, 0), 1.0) AS seats_taken,
    told.asking,
    CASE WHEN parts.moment <> 'since' THEN told.seats END AS seats,
    CASE WHEN parts.moment <> 'since' THEN told.seat_price END AS seat_price,
    CASE WHEN parts.moment <> 'since' THEN told.tenure END AS tenure,
    CASE WHEN parts.moment = 'then' THEN coalesce(later.mrr, 0.0) / nullif(told.mrr, 0) END
        AS revenue_kept
FROM told
INNER JOIN parts ON told.moment = parts.told_of
LEFT JOIN told AS then_too
    ON told.customer_id = then_too.customer_id AND then_too.moment = 'then'
LEFT JOIN (SELECT customer_id, mrr FROM terms WHERE moment = 'now') AS later
    ON told.customer_id = later.customer_id
WHERE parts.moment <> 'since' OR then_too.customer_id IS NOT NULL
