-- One row a customer: what the models of lifetime value are fitted to and scored on.
SELECT
    purchases.customer_id,
    purchases.frequency,
    purchases.recency,
    purchases.age,
    spend.mean_spend
FROM purchases
INNER JOIN spend ON purchases.customer_id = spend.customer_id
