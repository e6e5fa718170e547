-- One row a customer of an experiment and day of contacts: what serving her cost by the rates of the
-- channels, or else by those of all other channels ('*'). Empty where there is no rate.
WITH placed AS (
    SELECT DISTINCT customer_id FROM assignments
),

priced AS (
    SELECT
        contacts.customer_id,
        contacts.day,
        coalesce(own.per_contact, other.per_contact) AS per_contact,
        coalesce(own.per_minute, other.per_minute) AS per_minute,
        coalesce(contacts.minutes, 0) AS minutes
    FROM issue_contacts AS contacts
    INNER JOIN placed ON contacts.customer_id = placed.customer_id
    LEFT JOIN service_rates AS own ON contacts.channel = own.channel
    LEFT JOIN service_rates AS other ON other.channel = '*'
)

SELECT
    priced.customer_id,
    priced.day,
    sum(
        (priced.per_contact + priced.per_minute * priced.minutes) * CAST(run.minor_units AS DOUBLE)
    ) AS cost
FROM priced
CROSS JOIN run
WHERE priced.per_contact IS NOT NULL
GROUP BY priced.customer_id, priced.day
