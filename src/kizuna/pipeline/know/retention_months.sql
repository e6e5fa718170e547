-- One row a currency and month: how much of recurring revenue and of customers was kept. The sums
-- are those of mrr_bridge and mrr_retention; a rate whose denominator is 0 is empty.
WITH due AS (
    SELECT
        currency,
        CAST(date_trunc('month', due_on) AS DATE) AS month,
        count(*) AS renewals_due,
        count(*) FILTER (WHERE outcome <> 'lost') AS renewed,
        CAST(sum(mrr) AS BIGINT) AS mrr_due,
        CAST(sum(CASE WHEN outcome <> 'lost' THEN mrr ELSE 0 END) AS BIGINT) AS mrr_renewed
    FROM contract_renewals
    GROUP BY currency, CAST(date_trunc('month', due_on) AS DATE)
),

summed AS (
    SELECT
        bridge.*,
        coalesce(due.renewals_due, 0) AS renewals_due,
        coalesce(due.renewed, 0) AS renewed,
        coalesce(due.mrr_due, 0) AS mrr_due,
        coalesce(due.mrr_renewed, 0) AS mrr_renewed
    FROM mrr_bridge AS bridge
    LEFT JOIN due ON bridge.currency = due.currency AND bridge.month = due.month
),

years AS (
    SELECT
        *,
        -- the window last: Spark takes a name and a minus behind it for one name
        -customers_won - customers_opening + sum(customers_won) OVER so_far AS former,
        sum(new + expansion + reactivation) OVER a_year AS gained,
        -sum(contraction + churn) OVER a_year AS given_up,
        sum(renewals_due) OVER a_year AS due_year,
        sum(renewed) OVER a_year AS renewed_year,
        sum(mrr_due) OVER a_year AS mrr_due_year,
        sum(mrr_renewed) OVER a_year AS mrr_renewed_year
    FROM summed
    WINDOW
        so_far AS (
            PARTITION BY currency ORDER BY month
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ),
        a_year AS (
            PARTITION BY currency ORDER BY month ROWS BETWEEN 11 PRECEDING AND CURRENT ROW
        )
)

SELECT
    years.currency,
    years.month,
    years.until_on,
    years.complete,
    kept.net_retention,
    kept.gross_retention,
    kept.customers_lost / CAST(kept.customers AS DOUBLE) AS logo_churn,
    years.customers_opening,
    years.customers_lost,
    years.customers_lost / CAST(nullif(years.customers_opening, 0) AS DOUBLE) AS logo_churn_month,
    -(years.contraction + years.churn) / CAST(nullif(years.opening, 0) AS DOUBLE)
        AS revenue_churn_month,
    CAST(years.gained AS BIGINT) AS gained_365d,
    CAST(years.given_up AS BIGINT) AS given_up_365d,
    years.gained / CAST(nullif(years.given_up, 0) AS DOUBLE) AS quick_ratio,
    years.renewals_due,
    years.renewed,
    years.mrr_due,
    years.mrr_renewed,
    CAST(years.due_year AS BIGINT) AS renewals_due_365d,
    CAST(years.renewed_year AS BIGINT) AS renewed_365d,
    years.renewed_year / CAST(nullif(years.due_year, 0) AS DOUBLE) AS renewal_rate,
    years.mrr_renewed_year / CAST(nullif(years.mrr_due_year, 0) AS DOUBLE) AS renewal_rate_mrr,
    CAST(years.former AS BIGINT) AS former_customers,
    years.customers_back,
    years.customers_back / CAST(nullif(years.former, 0) AS DOUBLE) AS win_back_rate
FROM years
LEFT JOIN mrr_retention AS kept
    ON years.currency = kept.currency AND years.month = kept.month
