-- One row a measure: the points that part the customers into fifths, from worst to best.
-- recency: days since the last purchase (fewer is better); frequency: repeat purchases;
-- monetary: historical value, in minor units.
WITH measures AS (
    SELECT
        -CAST(date_diff('day', purchases.last_purchase, run.as_of) AS DOUBLE) AS recency,
        CAST(purchases.frequency AS DOUBLE) AS frequency,
        CAST(spend.historical_value AS DOUBLE) AS monetary
    FROM purchases
    INNER JOIN spend ON purchases.customer_id = spend.customer_id
    CROSS JOIN run
)

SELECT
    'recency' AS measure,
    -percentile_disc(0.2) WITHIN GROUP (ORDER BY recency) AS cut_20,
    -percentile_disc(0.4) WITHIN GROUP (ORDER BY recency) AS cut_40,
    -percentile_disc(0.6) WITHIN GROUP (ORDER BY recency) AS cut_60,
    -percentile_disc(0.8) WITHIN GROUP (ORDER BY recency) AS cut_80
FROM measures
UNION ALL
SELECT
    'frequency',
    percentile_disc(0.2) WITHIN GROUP (ORDER BY frequency),
    percentile_disc(0.4) WITHIN GROUP (ORDER BY frequency),
    percentile_disc(0.6) WITHIN GROUP (ORDER BY frequency),
    percentile_disc(0.8) WITHIN GROUP (ORDER BY frequency)
FROM measures
UNION ALL
SELECT
    'monetary',
    percentile_disc(0.2) WITHIN GROUP (ORDER BY monetary),
    percentile_disc(0.4) WITHIN GROUP (ORDER BY monetary),
    percentile_disc(0.6) WITHIN GROUP (ORDER BY monetary),
    percentile_disc(0.8) WITHIN GROUP (ORDER BY monetary)
FROM measures
