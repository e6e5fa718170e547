-- One row an issue and day with a contact: the effort that it had cost by then. The log-odds are the
-- sum of what each driver weighs; the points beyond an issue without any driver are shared out in
-- that proportion.
WITH weights AS (
    SELECT
        max(CASE WHEN driver = 'start' THEN weight END) AS start_weight,
        max(CASE WHEN driver = 'repeats' THEN weight END) AS w_repeats,
        max(CASE WHEN driver = 'repeats' THEN most END) AS m_repeats,
        max(CASE WHEN driver = 'switches' THEN weight END) AS w_switches,
        max(CASE WHEN driver = 'switches' THEN most END) AS m_switches,
        max(CASE WHEN driver = 'transfers' THEN weight END) AS w_transfers,
        max(CASE WHEN driver = 'transfers' THEN most END) AS m_transfers,
        max(CASE WHEN driver = 'said_again' THEN weight END) AS w_said_again,
        max(CASE WHEN driver = 'said_again' THEN most END) AS m_said_again,
        max(CASE WHEN driver = 'long_waits' THEN weight END) AS w_long_waits,
        max(CASE WHEN driver = 'long_waits' THEN most END) AS m_long_waits,
        max(CASE WHEN driver = 'self_service' THEN weight END) AS w_self_service
    FROM effort_model
),

weighed AS (
    SELECT
        days.customer_id,
        days.issue_id,
        days.day,
        weights.start_weight,
        w_repeats * least(days.repeats, m_repeats) AS repeats,
        w_switches * least(days.switches, m_switches) AS switches,
        w_transfers * least(days.transfers, m_transfers) AS transfers,
        w_said_again * least(days.said_again, m_said_again) AS said_again,
        w_long_waits * least(days.long_waits, m_long_waits) AS long_waits,
        w_self_service * days.self_service AS self_service
    FROM issue_days AS days
    CROSS JOIN weights
),

summed AS (
    SELECT
        *,
        repeats + switches + transfers + said_again + long_waits + self_service AS added
    FROM weighed
),

scored AS (
    SELECT
        *,
        100 / (1 + exp(-(start_weight + added))) AS effort,
        CASE
            WHEN added > 0
                THEN
                    (100 / (1 + exp(-(start_weight + added))) - 100 / (1 + exp(-start_weight)))
                    / added
            ELSE 0
        END AS a_point
    FROM summed
)

SELECT
    customer_id,
    issue_id,
    day,
    effort,
    a_point * repeats AS repeats_points,
    a_point * switches AS switches_points,
    a_point * transfers AS transfers_points,
    a_point * said_again AS said_again_points,
    a_point * long_waits AS long_waits_points,
    a_point * self_service AS self_service_points
FROM scored
