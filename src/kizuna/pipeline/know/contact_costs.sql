-- One row a contact up to the last day: what it cost by the rates of its channel, or else by those of
-- all other channels ('*'). Minutes that nobody wrote down cost nothing, so the sum is the least that
-- it was. Empty where there is no rate.
SELECT
    contacts.customer_id,
    contacts.interaction_id,
    contacts.day,
    contacts.channel,
    contacts.minutes,
    CASE
        WHEN own.channel IS NOT NULL
            THEN
                (own.per_contact + own.per_minute * coalesce(contacts.minutes, 0))
                * CAST(run.minor_units AS DOUBLE)
        WHEN other.channel IS NOT NULL
            THEN
                (other.per_contact + other.per_minute * coalesce(contacts.minutes, 0))
                * CAST(run.minor_units AS DOUBLE)
    END AS cost
FROM issue_contacts AS contacts
CROSS JOIN run
LEFT JOIN service_rates AS own ON contacts.channel = own.channel
LEFT JOIN service_rates AS other ON other.channel = '*'
