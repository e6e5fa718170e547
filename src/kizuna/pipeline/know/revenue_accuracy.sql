-- One row a currency, day on which a forecast was made, month, and whether it was made then ('published':
-- the first publication of the day that told it) or again now from what was known on the day ('again'):
-- what was forecast, what then came of the same customers, by how much it was off, and whether it lay
-- in the interval. Of those made then, months that are not over yet stand here too, without an outcome.
WITH numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY currency, made_on, month ORDER BY publication
        ) AS place
    FROM revenue_log
),

told AS (
    SELECT
        currency, made_on, month, 'published' AS source, publication, months_ahead,
        committed, expected, expected_low, expected_high
    FROM numbered
    WHERE place = 1
    UNION ALL
    SELECT
        currency, made_on, month, 'again' AS source, CAST(NULL AS BIGINT) AS publication, months_ahead,
        committed, expected, expected_low, expected_high
    FROM revenue_forecasts
    WHERE actual IS NOT NULL
)

SELECT
    told.currency,
    told.made_on,
    told.month,
    told.source,
    told.publication,
    told.months_ahead,
    told.committed,
    told.expected,
    told.expected_low,
    told.expected_high,
    came.mrr AS actual,
    CASE WHEN told.expected > 0 THEN came.mrr / told.expected - 1 END AS error,
    came.mrr BETWEEN told.expected_low AND told.expected_high AS inside
FROM told
LEFT JOIN book_actuals AS came
    ON told.currency = came.currency AND told.made_on = came.made_on AND told.month = came.month
