-- One row a customer and day whose facts are told, if the customer could leave then: with a
-- contract that runs, or without one but with a purchase. Whether the customer left is known once
-- the horizon is over; of purchases, once orders are known up to its end.
WITH last_days AS (
    SELECT max(fact_days.day) AS day, (SELECT max(day) FROM purchase_days) AS order_day
    FROM fact_days
),

under_contract AS (
    SELECT
        moments.customer_id,
        moments.day,
        max(spells.started_on) AS started_on,
        max(spells.ended_on) AS ended_on,
        max(spells.notice_on) AS notice_on
    FROM fact_moments AS moments
    INNER JOIN contract_spells AS spells ON moments.customer_id = spells.customer_id
    WHERE
        spells.started_on <= moments.day
        AND (spells.ended_on IS NULL OR spells.ended_on > moments.day)
    GROUP BY moments.customer_id, moments.day
),

bought AS (
    SELECT
        moments.customer_id,
        moments.day,
        min(purchases.day) AS first_day,
        max(CASE WHEN purchases.day <= moments.day THEN purchases.day END) AS last_day,
        sum(CASE WHEN purchases.day <= moments.day THEN 1 ELSE 0 END) AS purchases,
        sum(
            CASE
                WHEN
                    purchases.day > moments.day
                    AND date_diff('day', moments.day, purchases.day) <= terms.horizon_days
                    THEN 1
                ELSE 0
            END
        ) AS purchases_after
    FROM fact_moments AS moments
    INNER JOIN purchase_days AS purchases ON moments.customer_id = purchases.customer_id
    INNER JOIN churn_terms AS terms ON terms.kind = 'purchase'
    CROSS JOIN run
    WHERE purchases.day <= run.as_of
    GROUP BY moments.customer_id, moments.day
    HAVING min(purchases.day) <= moments.day
)

SELECT
    contracts.customer_id,
    contracts.day,
    'contract' AS kind,
    terms.horizon_days,
    CAST(date_diff('day', contracts.started_on, contracts.day) AS INTEGER) AS tenure_days,
    CAST(NULL AS BIGINT) AS frequency,
    CAST(NULL AS INTEGER) AS recency_days,
    CAST(NULL AS INTEGER) AS age_days,
    coalesce(contracts.notice_on <= contracts.day, FALSE)
    OR (contracts.day = last_days.day AND contracts.ended_on IS NOT NULL) AS has_notice,
    contracts.ended_on,
    CASE
        WHEN date_diff('day', contracts.day, run.as_of) >= terms.horizon_days
            THEN coalesce(
                date_diff('day', contracts.day, contracts.ended_on) <= terms.horizon_days, FALSE
            )
    END AS has_left
FROM under_contract AS contracts
INNER JOIN churn_terms AS terms ON terms.kind = 'contract'
CROSS JOIN last_days
CROSS JOIN run
UNION ALL
SELECT
    bought.customer_id,
    bought.day,
    'purchase' AS kind,
    terms.horizon_days,
    CAST(date_diff('day', bought.first_day, bought.day) AS INTEGER) AS tenure_days,
    CAST(bought.purchases AS BIGINT) - 1 AS frequency,
    CAST(date_diff('day', bought.first_day, bought.last_day) AS INTEGER) AS recency_days,
    CAST(
        date_diff('day', bought.first_day, least(bought.day, last_days.order_day)) AS INTEGER
    ) AS age_days,
    FALSE AS has_notice,
    CAST(NULL AS DATE) AS ended_on,
    CASE
        WHEN date_diff('day', bought.day, last_days.order_day) >= terms.horizon_days
            THEN bought.purchases_after = 0
    END AS has_left
FROM bought
INNER JOIN churn_terms AS terms ON terms.kind = 'purchase'
LEFT JOIN under_contract AS contracts
    ON bought.customer_id = contracts.customer_id AND bought.day = contracts.day
CROSS JOIN last_days
WHERE contracts.customer_id IS NULL
