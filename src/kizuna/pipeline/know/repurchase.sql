-- One row a purchase (the 1st, 2nd, 3rd, any later one) and a number of days: how many were followed
-- by another within the days. Only purchases that lie at least so far back count, so that those of
-- yesterday do not pass for customers lost.
WITH gaps AS (
    SELECT
        least(number, 4) AS purchase,
        day,
        date_diff('day', day, next_on) AS gap,
        count(*) AS purchases
    FROM purchase_days CROSS JOIN run
    WHERE day <= as_of
    GROUP BY least(number, 4), day, date_diff('day', day, next_on)
),

horizons AS (
    SELECT unnest([30, 90, 180, 365]) AS days
)

SELECT
    CAST(gaps.purchase AS INTEGER) AS purchase,
    CAST(horizons.days AS INTEGER) AS days,
    CAST(sum(gaps.purchases) AS BIGINT) AS purchases,
    CAST(sum(CASE WHEN gaps.gap <= horizons.days THEN gaps.purchases ELSE 0 END) AS BIGINT) AS again,
    CAST(sum(CASE WHEN gaps.gap <= horizons.days THEN gaps.purchases ELSE 0 END) AS DOUBLE)
    / sum(gaps.purchases) AS rate
FROM gaps
CROSS JOIN horizons
CROSS JOIN run
WHERE date_diff('day', gaps.day, run.as_of) >= horizons.days
GROUP BY gaps.purchase, horizons.days
