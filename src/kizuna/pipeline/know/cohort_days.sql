-- One row a day of first purchase and a day: who of those first customers bought that day.
-- On the first day itself that is all of them. The future of a back-test is included.
SELECT
    history.first_purchase,
    days.day,
    count(*) AS purchases
FROM purchase_days AS days
INNER JOIN order_history AS history ON days.customer_id = history.customer_id
CROSS JOIN run
WHERE days.day <= run.until
GROUP BY history.first_purchase, days.day
