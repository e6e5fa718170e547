-- One row a day of first purchase and a day: who of those first customers bought that day.
-- On the first day itself that is all of them. The future of a back-test is included.
SELECT
    days.first_on AS first_purchase,
    days.day,
    count(*) AS purchases
FROM purchase_days AS days
CROSS JOIN run
WHERE days.first_on <= run.as_of AND days.day <= run.until
GROUP BY days.first_on, days.day
