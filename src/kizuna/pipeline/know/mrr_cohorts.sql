-- One row a currency, month in which customers first paid, and months since: how many still pay at
-- the end of the month, and what they bring. Over all cohorts of a month the sums are the closing of
-- mrr_bridge.
WITH won AS (
    SELECT
        currency,
        customer_id,
        CAST(date_trunc('month', day) AS DATE) AS cohort,
        after AS mrr_first
    FROM contract_events
    WHERE kind = 'new'
),

sizes AS (
    SELECT currency, cohort, count(*) AS customers, CAST(sum(mrr_first) AS BIGINT) AS mrr_first
    FROM won
    GROUP BY currency, cohort
),

listed AS (
    SELECT
        sizes.*,
        unnest(
            generate_series(
                0,
                date_diff('month', sizes.cohort, CAST(date_trunc('month', run.as_of) AS DATE))
            )
        ) AS age
    FROM sizes
    CROSS JOIN run
),

kept AS (
    SELECT
        currency,
        cohort,
        date_diff('month', cohort, month) AS age,
        count(*) AS customers_paying,
        CAST(sum(mrr_now) AS BIGINT) AS mrr,
        CAST(sum(least(mrr_now, mrr_first)) AS BIGINT) AS mrr_kept
    FROM paying_months
    WHERE mrr_now > 0
    GROUP BY currency, cohort, date_diff('month', cohort, month)
)

SELECT
    listed.currency,
    listed.cohort,
    CAST(listed.age AS INTEGER) AS age_months,
    listed.customers,
    coalesce(kept.customers_paying, 0) AS customers_paying,
    listed.mrr_first,
    coalesce(kept.mrr, 0) AS mrr,
    coalesce(kept.mrr_kept, 0) AS mrr_kept
FROM listed
LEFT JOIN kept
    ON listed.currency = kept.currency AND listed.cohort = kept.cohort AND listed.age = kept.age
