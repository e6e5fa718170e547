-- One row a currency, day on which a forecast is made, length of terms, and months ahead: how often
-- contracts went on, as it was known by then. With terms: those that ended in the 24 months until 30
-- days before. Without (0 months): contracts at the end of each of the twelve months before, and
-- whether they or another of the customer were there at the end of the next. Who has given notice
-- is counted with those who leave for sure; so of 1, 2 and 3 months ahead only those are asked of
-- whom no notice was known so long before. 0 months ahead: all, whatever was known.
WITH days AS (
    SELECT DISTINCT made_on, CAST(date_trunc('month', made_on) AS DATE) AS month FROM contract_book
),

leads AS (
    SELECT 0 AS months_ahead
    UNION ALL
    SELECT 1
    UNION ALL
    SELECT 2
    UNION ALL
    SELECT 3
),

counted AS (
    SELECT customer_id, currency, month, count(*) AS contracts
    FROM contract_months
    GROUP BY customer_id, currency, month
),

followed AS (
    SELECT
        here.contract_id,
        here.currency,
        CAST(here.month + INTERVAL 1 MONTH AS DATE) AS month,
        next.contract_id IS NOT NULL OR coalesce(later.contracts >= own.contracts, FALSE) AS kept
    FROM contract_months AS here
    INNER JOIN contracts ON here.contract_id = contracts.contract_id
    INNER JOIN counted AS own
        ON here.customer_id = own.customer_id
        AND here.currency = own.currency
        AND here.month = own.month
    LEFT JOIN counted AS later
        ON here.customer_id = later.customer_id
        AND here.currency = later.currency
        AND later.month = CAST(here.month + INTERVAL 1 MONTH AS DATE)
    LEFT JOIN contract_months AS next
        ON here.contract_id = next.contract_id
        AND next.month = CAST(here.month + INTERVAL 1 MONTH AS DATE)
    WHERE coalesce(contracts.term_months, 0) <= 0 AND here.mrr > 0
),

asked AS (
    SELECT
        renewals.contract_id,
        renewals.currency,
        days.made_on,
        renewals.term_months,
        CAST(date_trunc('month', renewals.due_on + INTERVAL 1 DAY) AS DATE) AS month,
        renewals.outcome <> 'lost' AS kept
    FROM contract_renewals AS renewals
    INNER JOIN days
        ON renewals.due_on < days.made_on - INTERVAL 30 DAY
        AND renewals.due_on > days.made_on - INTERVAL 24 MONTH
    UNION ALL
    SELECT followed.contract_id, followed.currency, days.made_on, 0, followed.month, followed.kept
    FROM followed
    INNER JOIN days
        ON last_day(followed.month) <= days.made_on
        AND followed.month > days.month - INTERVAL 12 MONTH
)

SELECT
    asked.currency,
    asked.made_on,
    CAST(asked.term_months AS INTEGER) AS term_months,
    CAST(leads.months_ahead AS INTEGER) AS months_ahead,
    count(*) AS due,
    count(CASE WHEN asked.kept THEN 1 END) AS kept
FROM asked
CROSS JOIN leads
INNER JOIN contracts ON asked.contract_id = contracts.contract_id
WHERE
    leads.months_ahead = 0
    OR (
        contracts.started_on
        <= last_day(CAST(asked.month - leads.months_ahead * INTERVAL 1 MONTH AS DATE))
        AND NOT coalesce(
            contracts.cancelled_on
            <= last_day(CAST(asked.month - leads.months_ahead * INTERVAL 1 MONTH AS DATE)),
            FALSE
        )
    )
GROUP BY asked.currency, asked.made_on, asked.term_months, leads.months_ahead
