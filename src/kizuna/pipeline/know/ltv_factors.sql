-- One row a factor of the plain formula
--   lifetime value = average purchase value × purchases per year × years × margin.
--
-- How long a relationship lasts is known only where it has ended, and no shop is told. The rule:
-- 95 % of repeat customers have a mean gap between purchases below some length; whoever has been
-- silent for longer has ended, at the last purchase. Years = time of all relationships ÷ ended
-- ones, so that those which go on (their time up to now counted) lengthen it instead of shortening
-- it. Where none has ended, the time so far stands in, a lower bound, and the definition says so.
-- Both ends count as days of the relationship, hence + 1.
WITH gap AS (
    SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY recency / frequency) AS longest
    FROM purchases
    WHERE frequency > 0
),

relationships AS (
    SELECT
        purchases.frequency + 1 AS purchases,
        coalesce(purchases.age - purchases.recency > gap.longest, FALSE) AS ended,
        purchases.recency * run.days_per_period + 1 AS days_to_last,
        purchases.age * run.days_per_period + 1 AS days_to_now
    FROM purchases
    CROSS JOIN gap
    CROSS JOIN run
),

totals AS (
    SELECT
        count(*) AS customers,
        CAST(coalesce(sum(purchases), 0) AS BIGINT) AS purchases,
        count(*) FILTER (WHERE ended) AS ended,
        sum(CASE WHEN ended THEN days_to_last ELSE days_to_now END) / 365.25 AS years
    FROM relationships
),

value AS (
    SELECT CAST(sum(historical_value) AS DOUBLE) AS value FROM spend
)

SELECT
    'average_purchase_value' AS factor,
    value.value / nullif(totals.purchases, 0) / run.minor_units AS value,
    totals.purchases AS rows,
    'value_net_of_returns_per_purchase' AS definition
FROM totals CROSS JOIN value CROSS JOIN run
UNION ALL
SELECT
    'purchases_per_year',
    totals.purchases / nullif(totals.years, 0),
    totals.purchases,
    'purchases_per_year_of_relationship'
FROM totals
UNION ALL
SELECT
    'relationship_years',
    totals.years / nullif(CASE WHEN totals.ended > 0 THEN totals.ended ELSE totals.customers END, 0),
    CASE WHEN totals.ended > 0 THEN totals.ended ELSE totals.customers END,
    CASE WHEN totals.ended > 0 THEN 'years_per_ended_relationship' ELSE 'years_so_far' END
FROM totals
UNION ALL
SELECT 'margin', run.margin, 0, 'margin_given'
FROM run
