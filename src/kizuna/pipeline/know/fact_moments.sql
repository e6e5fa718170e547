-- One row a customer and day whose facts are told: everybody who was a customer by the last of
-- `fact_days`; on the days before it, as many of them as the run says, always the same ones.
-- Who is listed without the day on which she was won has always been a customer.
WITH told AS (
    SELECT customer_id, coalesce(acquired_on, DATE '1900-01-01') AS since FROM customers
    UNION ALL
    SELECT customer_id, day FROM purchase_days
    UNION ALL
    SELECT customer_id, started_on FROM contracts
),

known AS (
    SELECT customer_id, min(since) AS since
    FROM told
    GROUP BY customer_id
),

placed AS (
    SELECT customer_id, since, row_number() OVER (ORDER BY md5(customer_id), customer_id) AS place
    FROM known
),

last_day AS (
    SELECT max(day) AS day FROM fact_days
)

SELECT placed.customer_id, fact_days.day
FROM placed
CROSS JOIN fact_days
CROSS JOIN last_day
CROSS JOIN run
WHERE
    placed.since <= fact_days.day
    AND (
        fact_days.day = last_day.day
        OR run.panel_customers = 0
        OR placed.place <= run.panel_customers
    )
