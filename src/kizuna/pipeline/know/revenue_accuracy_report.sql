-- One row a currency, kind of forecast ('published' or 'again') and months ahead: how far forecasts whose
-- month is over were off, which way, and how often what came lay in the interval.
SELECT
    currency,
    source,
    months_ahead,
    count(*) AS forecasts,
    avg(abs(error)) AS mean_error,
    avg(error) AS bias,
    avg(CASE WHEN inside THEN 1.0 ELSE 0.0 END) AS inside
FROM revenue_accuracy
WHERE error IS NOT NULL
GROUP BY currency, source, months_ahead
