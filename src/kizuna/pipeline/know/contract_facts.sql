-- One row a customer and day by which a contract of hers has begun: what runs, what it brings each
-- month (minor units, in the currency of the run), and what comes due. An end counts from the day
-- on which it was known: that of the notice, or else the end itself. Terms and notice in days of
-- the calendar; where several contracts run, the one that comes due first. A customer is bound until
-- the last of them can end: at the first end of a term for which notice can still be given. So ends
-- are looked for from two days: that of the facts, and the one by which notice given now is over.
WITH looked AS (
    SELECT
        moments.customer_id,
        moments.day,
        contracts.contract_id,
        contracts.started_on,
        contracts.term_months,
        contracts.notice_days,
        contracts.cancelled_on,
        contracts.ended_on,
        contracts.auto_renew,
        looks.free,
        CASE
            WHEN looks.free = 1 AND contracts.auto_renew
                THEN
                    CAST(
                        moments.day + coalesce(contracts.notice_days, 0) * INTERVAL '1' DAY AS DATE
                    )
            ELSE moments.day
        END AS from_on
    FROM fact_moments AS moments
    INNER JOIN contracts
        ON moments.customer_id = contracts.customer_id AND contracts.started_on <= moments.day
    CROSS JOIN (SELECT 0 AS free UNION ALL SELECT 1 AS free) AS looks
    WHERE contracts.billing_months > 0
),

begun AS (
    SELECT
        customer_id,
        day,
        free,
        from_on,
        contract_id,
        started_on,
        term_months,
        notice_days,
        CASE WHEN least(coalesce(cancelled_on, ended_on), ended_on) <= day THEN ended_on END
        AS ended_on,
        auto_renew,
        year(started_on) * 12 + month(started_on) - 1 AS first_month,
        CASE
            WHEN term_months > 0 THEN greatest(
                CAST(
                    floor(
                        date_diff(
                            'month',
                            CAST(date_trunc('month', started_on) AS DATE),
                            CAST(date_trunc('month', from_on) AS DATE)
                        ) / CAST(term_months AS DOUBLE)
                    ) AS INTEGER
                ),
                1
            )
        END AS terms
    FROM looked
),

running AS (
    SELECT
        *,
        first_month + terms * term_months AS one_month,
        first_month + (terms + 1) * term_months AS other_month
    FROM begun
    WHERE ended_on IS NULL OR ended_on >= day
),

opened AS (
    SELECT
        *,
        make_date(
            CAST(floor(one_month / 12.0) AS INTEGER), CAST(one_month % 12 + 1 AS INTEGER), 1
        ) AS one_first,
        make_date(
            CAST(floor(other_month / 12.0) AS INTEGER), CAST(other_month % 12 + 1 AS INTEGER), 1
        ) AS other_first
    FROM running
),

closed AS (
    SELECT
        *,
        CAST(
            one_first
            + (least(day(started_on), day(last_day(one_first))) - 2) * INTERVAL '1' DAY AS DATE
        ) AS one_end,
        CAST(
            other_first
            + (least(day(started_on), day(last_day(other_first))) - 2) * INTERVAL '1' DAY AS DATE
        ) AS other_end
    FROM opened
),

terms AS (
    SELECT
        *,
        CASE
            WHEN ended_on IS NOT NULL THEN ended_on
            WHEN one_end >= from_on THEN one_end
            ELSE other_end
        END AS ends_on
    FROM closed
),

due AS (
    SELECT
        customer_id,
        day,
        min(started_on) AS started_on,
        min(CASE WHEN free = 0 THEN date_diff('day', day, ends_on) END) AS to_renewal,
        min(
            CASE
                WHEN free = 0 AND ended_on IS NULL AND auto_renew
                    THEN date_diff('day', day, ends_on) - notice_days
            END
        ) AS to_notice,
        max(CASE WHEN free = 1 THEN coalesce(date_diff('day', day, ends_on), 0) END) AS bound,
        max(
            CASE
                WHEN ended_on IS NOT NULL OR NOT auto_renew THEN 0
                WHEN auto_renew THEN 1
            END
        ) AS renews
    FROM terms
    GROUP BY customer_id, day
),

paid AS (
    SELECT
        moments.customer_id,
        moments.day,
        phases.mrr,
        phases.seats,
        phases.from_on,
        phases.currency = run.currency AS own,
        coalesce(phases.until_on >= moments.day, TRUE) AS now,
        phases.from_on <= CAST(moments.day - INTERVAL 365 DAY AS DATE)
        AND coalesce(
            phases.until_on >= CAST(moments.day - INTERVAL 365 DAY AS DATE), TRUE
        ) AS before
    FROM fact_moments AS moments
    CROSS JOIN run
    INNER JOIN contract_phases AS phases
        ON moments.customer_id = phases.customer_id AND phases.from_on <= moments.day
),

sums AS (
    SELECT
        customer_id,
        day,
        sum(CASE WHEN now THEN 1 ELSE 0 END) AS contracts,
        sum(CASE WHEN now AND own THEN mrr END) AS mrr,
        sum(CASE WHEN before AND own THEN mrr END) AS mrr_before,
        sum(CASE WHEN now THEN seats END) AS seats,
        max(from_on) AS from_on
    FROM paid
    GROUP BY customer_id, day
)

SELECT
    sums.customer_id,
    sums.day,
    CAST(CASE WHEN sums.contracts = 0 THEN 0 ELSE sums.mrr END AS BIGINT) AS mrr,
    CAST(sums.contracts AS BIGINT) AS contracts,
    CAST(sums.seats AS BIGINT) AS seats,
    CASE WHEN sums.seats IS NOT NULL THEN use_facts.users_28d END AS seats_used,
    CAST(due.to_renewal AS INTEGER) AS days_to_renewal,
    CAST(due.to_notice AS INTEGER) AS days_to_notice,
    CAST(due.bound AS INTEGER) AS days_bound,
    CAST(CASE WHEN sums.contracts = 0 THEN 0 ELSE sums.mrr END AS DOUBLE)
    / nullif(sums.mrr_before, 0) - 1 AS mrr_change_365d,
    CAST(date_diff('day', due.started_on, sums.day) AS INTEGER) AS contract_tenure_days,
    due.renews = 1 AS auto_renew,
    sums.from_on AS newest_contract_on
FROM sums
LEFT JOIN due ON sums.customer_id = due.customer_id AND sums.day = due.day
LEFT JOIN use_facts ON sums.customer_id = use_facts.customer_id AND sums.day = use_facts.day
