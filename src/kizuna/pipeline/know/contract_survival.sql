-- One row a currency, day on which a forecast is made, and length of terms: how often contracts went
-- on, as it was known by then. With terms: those that ended in the 24 months until 30 days before.
-- Without (0 months): contracts at the end of each of the twelve months before, and whether they or
-- another of the customer were there at the end of the next.
WITH days AS (
    SELECT DISTINCT made_on, CAST(date_trunc('month', made_on) AS DATE) AS month FROM contract_book
),

open_ones AS (
    SELECT months.contract_id, months.customer_id, months.currency, months.month
    FROM contract_months AS months
    INNER JOIN contracts ON months.contract_id = contracts.contract_id
    WHERE coalesce(contracts.term_months, 0) <= 0 AND months.mrr > 0
),

counted AS (
    SELECT customer_id, currency, month, count(*) AS contracts
    FROM contract_months
    GROUP BY customer_id, currency, month
),

followed AS (
    SELECT
        open_ones.currency,
        CAST(open_ones.month + INTERVAL 1 MONTH AS DATE) AS month,
        count(*) AS due,
        count(
            CASE WHEN next.contract_id IS NOT NULL OR later.contracts >= here.contracts THEN 1 END
        ) AS kept
    FROM open_ones
    INNER JOIN counted AS here
        ON open_ones.customer_id = here.customer_id
        AND open_ones.currency = here.currency
        AND open_ones.month = here.month
    LEFT JOIN counted AS later
        ON open_ones.customer_id = later.customer_id
        AND open_ones.currency = later.currency
        AND later.month = CAST(open_ones.month + INTERVAL 1 MONTH AS DATE)
    LEFT JOIN contract_months AS next
        ON open_ones.contract_id = next.contract_id
        AND next.month = CAST(open_ones.month + INTERVAL 1 MONTH AS DATE)
    GROUP BY open_ones.currency, CAST(open_ones.month + INTERVAL 1 MONTH AS DATE)
),

told AS (
    SELECT
        renewals.currency,
        days.made_on,
        renewals.term_months,
        count(*) AS due,
        count(CASE WHEN renewals.outcome <> 'lost' THEN 1 END) AS kept
    FROM contract_renewals AS renewals
    INNER JOIN days
        ON renewals.due_on < days.made_on - INTERVAL 30 DAY
        AND renewals.due_on > days.made_on - INTERVAL 24 MONTH
    GROUP BY renewals.currency, days.made_on, renewals.term_months
    UNION ALL
    SELECT followed.currency, days.made_on, 0, sum(followed.due), sum(followed.kept)
    FROM followed
    INNER JOIN days
        ON last_day(followed.month) <= days.made_on
        AND followed.month > days.month - INTERVAL 12 MONTH
    GROUP BY followed.currency, days.made_on
)

SELECT
    currency,
    made_on,
    CAST(term_months AS INTEGER) AS term_months,
    CAST(due AS BIGINT) AS due,
    CAST(kept AS BIGINT) AS kept
FROM told
