-- One row a contract and stretch of time with the same terms. A contract says its terms at the
-- start, a change those from its day on; what a change leaves empty stays as it was. A change dated
-- before the start counts from the start. What is paid once (a billing period of 0 months) is no
-- recurring revenue and is left out. Amounts in minor units: `mrr` is rounded once, and `remainder`
-- is what mrr × months lacks of the amount, so that nothing is lost.
WITH stated AS (
    SELECT
        contract_id,
        started_on AS from_on,
        0 AS later,
        amount,
        billing_months,
        currency,
        seats
    FROM contracts
    UNION ALL
    SELECT
        changes.contract_id,
        greatest(changes.changed_on, contracts.started_on),
        1,
        changes.amount,
        changes.billing_months,
        CASE WHEN changes.amount IS NOT NULL THEN changes.currency END,
        changes.seats
    FROM contract_changes AS changes
    INNER JOIN contracts ON changes.contract_id = contracts.contract_id
),

days AS (
    SELECT
        contract_id,
        from_on,
        coalesce(
            max(CASE WHEN later = 1 THEN amount END), max(CASE WHEN later = 0 THEN amount END)
        ) AS amount,
        coalesce(
            max(CASE WHEN later = 1 THEN billing_months END),
            max(CASE WHEN later = 0 THEN billing_months END)
        ) AS billing_months,
        coalesce(
            max(CASE WHEN later = 1 THEN currency END), max(CASE WHEN later = 0 THEN currency END)
        ) AS currency,
        coalesce(
            max(CASE WHEN later = 1 THEN seats END), max(CASE WHEN later = 0 THEN seats END)
        ) AS seats,
        CASE
            WHEN count(amount) > 0 OR count(billing_months) > 0 THEN from_on
        END AS priced_on
    FROM stated
    GROUP BY contract_id, from_on
),

carried AS (
    SELECT
        contract_id,
        from_on,
        last_value(amount IGNORE NULLS) OVER so_far AS amount,
        last_value(billing_months IGNORE NULLS) OVER so_far AS billing_months,
        last_value(currency IGNORE NULLS) OVER so_far AS currency,
        last_value(seats IGNORE NULLS) OVER so_far AS seats,
        last_value(priced_on IGNORE NULLS) OVER so_far AS priced_on,
        lead(from_on) OVER (PARTITION BY contract_id ORDER BY from_on) AS next_on
    FROM days
    WINDOW so_far AS (
        PARTITION BY contract_id ORDER BY from_on
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),

phases AS (
    SELECT
        carried.contract_id,
        contracts.customer_id,
        contracts.product,
        carried.currency,
        carried.from_on,
        CASE
            WHEN carried.next_on IS NULL THEN contracts.ended_on
            WHEN contracts.ended_on < carried.next_on THEN contracts.ended_on
            ELSE CAST(carried.next_on - INTERVAL 1 DAY AS DATE)
        END AS until_on,
        carried.amount,
        carried.billing_months,
        CAST(
            floor(carried.amount / CAST(carried.billing_months AS DOUBLE) + 0.5) AS BIGINT
        ) AS mrr,
        carried.seats,
        carried.priced_on
    FROM carried
    INNER JOIN contracts ON carried.contract_id = contracts.contract_id
    WHERE carried.billing_months > 0
)

SELECT
    contract_id,
    customer_id,
    product,
    currency,
    from_on,
    until_on,
    priced_on,
    amount,
    billing_months,
    mrr,
    amount - mrr * billing_months AS remainder,
    seats
FROM phases
WHERE until_on IS NULL OR until_on >= from_on
