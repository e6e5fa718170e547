-- One row a contract and end of a term that has passed: what became of it. A term is due on its last
-- day. Renewed: the contract ran on the day after. Replaced: it ended, and another of the customer
-- in the same currency began within 30 days before or after. Contracts that are bound to no term
-- are never due; those ended within a term are not due either, and are churn or contraction alone.
WITH bound AS (
    SELECT
        contracts.contract_id,
        contracts.customer_id,
        contracts.currency,
        contracts.started_on,
        contracts.ended_on,
        contracts.term_months,
        run.as_of,
        unnest(
            generate_series(
                CAST(date_trunc('month', contracts.started_on) AS DATE),
                CAST(
                    date_trunc(
                        'month',
                        least(coalesce(contracts.ended_on, run.as_of), run.as_of) + INTERVAL 1 DAY
                    ) AS DATE
                ),
                INTERVAL 1 MONTH
            )
        ) AS starts_at
    FROM contracts
    CROSS JOIN run
    WHERE
        contracts.term_months > 0
        AND contracts.billing_months > 0
        AND contracts.started_on <= run.as_of
        AND (contracts.ended_on IS NULL OR contracts.ended_on >= contracts.started_on)
),

months AS (
    SELECT *, CAST(starts_at AS DATE) AS month FROM bound
),

terms AS (
    SELECT
        contract_id,
        customer_id,
        currency,
        ended_on,
        term_months,
        as_of,
        CAST(
            make_date(
                extract(YEAR FROM month),
                extract(MONTH FROM month),
                least(extract(DAY FROM started_on), extract(DAY FROM last_day(month)))
            ) - INTERVAL 1 DAY AS DATE
        ) AS due_on,
        date_diff('month', CAST(date_trunc('month', started_on) AS DATE), month) AS passed
    FROM months
),

due AS (
    SELECT *
    FROM terms
    WHERE
        passed > 0
        AND passed % term_months = 0
        AND due_on < as_of
        AND (ended_on IS NULL OR ended_on >= due_on)
),

followed AS (
    SELECT DISTINCT due.contract_id, due.due_on
    FROM due
    INNER JOIN contract_phases AS other
        ON due.customer_id = other.customer_id
        AND due.currency = other.currency
        AND due.contract_id <> other.contract_id
        AND other.from_on > due.due_on - INTERVAL 30 DAY
        AND other.from_on <= due.due_on + INTERVAL 30 DAY
        AND other.from_on <= due.as_of
    WHERE due.ended_on = due.due_on AND (other.until_on IS NULL OR other.until_on > due.due_on)
)

SELECT
    due.contract_id,
    due.due_on,
    due.customer_id,
    due.currency,
    CAST(due.term_months AS INTEGER) AS term_months,
    phases.mrr,
    CASE
        WHEN due.ended_on IS NULL OR due.ended_on > due.due_on THEN 'renewed'
        WHEN followed.contract_id IS NOT NULL THEN 'replaced'
        ELSE 'lost'
    END AS outcome
FROM due
INNER JOIN contract_phases AS phases
    ON due.contract_id = phases.contract_id
    AND phases.from_on <= due.due_on
    AND (phases.until_on IS NULL OR phases.until_on >= due.due_on)
LEFT JOIN followed ON due.contract_id = followed.contract_id AND due.due_on = followed.due_on
