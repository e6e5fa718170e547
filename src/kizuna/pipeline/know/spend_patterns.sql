-- One row a pattern of spend: customers who share the number and the mean of their repeat purchases.
SELECT orders, mean_spend, count(*) AS customers
FROM spend
WHERE orders > 0
GROUP BY orders, mean_spend
