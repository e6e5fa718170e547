-- One row a customer who has a health: the one that counts, with its band. It is what a person has set,
-- as long as that is in force, and else what was learned, which stays readable beside it. Of several,
-- which only a merge of customers can leave, the latest counts.
WITH numbered AS (
    SELECT
        customer_id,
        health,
        until_on,
        row_number() OVER (PARTITION BY customer_id ORDER BY override_id DESC) AS place
    FROM health_overrides
),

latest AS (
    SELECT customer_id, health, until_on FROM numbered WHERE place = 1
),

told AS (
    SELECT
        coalesce(scores.customer_id, latest.customer_id) AS customer_id,
        scores.health AS learned,
        scores.health_band AS learned_band,
        latest.health AS given,
        latest.until_on
    FROM health_scores AS scores
    FULL OUTER JOIN latest ON scores.customer_id = latest.customer_id
),

kinds AS (
    SELECT
        told.customer_id,
        told.given,
        coalesce(churn.churn_kind, 'contract') AS kind
    FROM told
    LEFT JOIN churn_scores AS churn ON told.customer_id = churn.customer_id
    WHERE told.given IS NOT NULL
),

starts AS (
    SELECT kinds.customer_id, kinds.kind, max(bands.from_health) AS from_health
    FROM kinds
    INNER JOIN health_bands AS bands
        ON kinds.kind = bands.kind AND bands.from_health <= kinds.given
    GROUP BY kinds.customer_id, kinds.kind
),

banded AS (
    SELECT starts.customer_id, bands.band
    FROM starts
    INNER JOIN health_bands AS bands
        ON starts.kind = bands.kind AND starts.from_health = bands.from_health
)

SELECT
    told.customer_id,
    coalesce(told.given, told.learned) AS health,
    CASE WHEN told.given IS NULL THEN told.learned_band ELSE banded.band END AS health_band,
    told.learned AS health_learned,
    told.learned_band AS health_learned_band,
    told.given IS NOT NULL AS health_by_hand,
    told.until_on AS health_by_hand_until
FROM told
LEFT JOIN banded ON told.customer_id = banded.customer_id
