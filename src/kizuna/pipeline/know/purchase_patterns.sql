-- One row a pattern: customers who share frequency, recency and age are fitted once.
SELECT frequency, recency, age, count(*) AS customers
FROM purchases
GROUP BY frequency, recency, age
