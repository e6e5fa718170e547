-- One row a channel of the contacts of the 365 days up to the last one: how many, how long, and what
-- they cost; empty where the channel has no rate.
SELECT
    costs.channel,
    max(run.as_of) AS until_on,
    count(*) AS contacts,
    count(DISTINCT costs.customer_id) AS customers,
    count(costs.minutes) AS contacts_timed,
    coalesce(sum(costs.minutes), 0.0) AS minutes,
    sum(costs.cost) AS cost
FROM contact_costs AS costs
CROSS JOIN run
WHERE costs.day > run.as_of - INTERVAL 365 DAY
GROUP BY costs.channel
