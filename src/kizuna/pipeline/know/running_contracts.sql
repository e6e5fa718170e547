-- One row a contract and day on which a forecast is made: the contracts that ran on the day, what they
-- brought, the length of their terms and the months that are still bound. The days are the ends of the
-- twelve months before and the last day observed. What is bound to no term has terms of 0 months.
-- `ending`: notice was given by then. Nothing later than the day is read of what a contract became.
WITH listed AS (
    SELECT
        as_of,
        unnest(
            generate_series(
                CAST(date_trunc('month', as_of) - INTERVAL 12 MONTH AS DATE),
                CAST(date_trunc('month', as_of) AS DATE),
                INTERVAL 1 MONTH
            )
        ) AS starts_at
    FROM run
),

days AS (
    SELECT
        as_of,
        CAST(starts_at AS DATE) AS month,
        least(last_day(CAST(starts_at AS DATE)), as_of) AS made_on
    FROM listed
),

running AS (
    SELECT
        phases.contract_id,
        phases.customer_id,
        phases.currency,
        phases.mrr,
        days.made_on,
        days.month,
        contracts.started_on,
        contracts.ended_on,
        coalesce(contracts.term_months, 0) AS term_months,
        contracts.ended_on IS NOT NULL
        AND (days.made_on = days.as_of OR coalesce(contracts.cancelled_on <= days.made_on, FALSE))
            AS ending,
        date_diff('month', CAST(date_trunc('month', contracts.started_on) AS DATE), days.month)
            AS begun
    FROM contract_phases AS phases
    INNER JOIN contracts ON phases.contract_id = contracts.contract_id
    INNER JOIN days
        ON phases.from_on <= days.made_on
        AND (phases.until_on IS NULL OR phases.until_on >= days.made_on)
    WHERE phases.mrr > 0
),

aged AS (
    SELECT
        *,
        begun - CASE
            WHEN
                least(extract(DAY FROM started_on), extract(DAY FROM last_day(made_on)))
                > extract(DAY FROM made_on) THEN 1
            ELSE 0
        END AS whole_months
    FROM running
),

placed AS (
    SELECT
        contract_id,
        made_on,
        customer_id,
        currency,
        ending,
        CASE WHEN term_months > 0 THEN term_months ELSE 0 END AS term_months,
        CASE
            WHEN ending THEN date_diff(
                'month', month, CAST(date_trunc('month', ended_on + INTERVAL 1 DAY) AS DATE)
            ) - 1
            WHEN
                term_months > 0
                THEN (CAST(floor(whole_months / CAST(term_months AS DOUBLE)) AS BIGINT) + 1)
                * term_months - begun - 1
            ELSE 0
        END AS months_left,
        mrr
    FROM aged
)

SELECT
    contract_id,
    made_on,
    customer_id,
    currency,
    CAST(term_months AS INTEGER) AS term_months,
    CAST(months_left AS INTEGER) AS months_left,
    ending,
    mrr
FROM placed
