-- One row a customer and day by which she was in contact with us, or whose people we know. Who the
-- people are is known as it is now, not as it was: it is told of the last day alone.
WITH contacted AS (
    SELECT
        customer_id,
        CAST(happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE) AS day
    FROM interactions
    CROSS JOIN run
    GROUP BY customer_id, CAST(happened_at AT TIME ZONE 'UTC' AT TIME ZONE run.timezone AS DATE)
),

latest AS (
    SELECT moments.customer_id, moments.day, max(contacted.day) AS last_day
    FROM fact_moments AS moments
    INNER JOIN contacted
        ON moments.customer_id = contacted.customer_id AND contacted.day <= moments.day
    GROUP BY moments.customer_id, moments.day
),

people AS (
    SELECT
        contacts.customer_id,
        last_day.day,
        count(*) AS contacts,
        sum(CASE WHEN contacts.role = 'sponsor' THEN 1 ELSE 0 END) AS sponsors,
        sum(CASE WHEN contacts.role = 'decides' THEN 1 ELSE 0 END) AS decision_makers
    FROM contacts
    CROSS JOIN (SELECT max(day) AS day FROM fact_days) AS last_day
    GROUP BY contacts.customer_id, last_day.day
)

SELECT
    moments.customer_id,
    moments.day,
    people.contacts AS contacts_known,
    CAST(people.sponsors AS BIGINT) AS sponsors_known,
    CAST(people.decision_makers AS BIGINT) AS decision_makers_known,
    CAST(date_diff('day', latest.last_day, moments.day) AS INTEGER) AS days_since_contact,
    latest.last_day AS newest_contact_on
FROM fact_moments AS moments
LEFT JOIN latest ON moments.customer_id = latest.customer_id AND moments.day = latest.day
LEFT JOIN people ON moments.customer_id = people.customer_id AND moments.day = people.day
WHERE latest.customer_id IS NOT NULL OR people.customer_id IS NOT NULL
