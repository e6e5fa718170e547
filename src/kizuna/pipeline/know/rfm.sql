-- One row a customer: scores 1 to 5 (5 is best) = 1 + how many of the four points of `rfm_cutoffs`
-- the customer is better than. So equal values score equal, and where more than a fifth share a
-- value (one purchase only, say) some scores go unused. Names come from the map `rfm_segments`.
WITH scores AS (
    SELECT
        purchases.customer_id,
        1
        + CASE WHEN date_diff('day', purchases.last_purchase, run.as_of) < r.cut_20 THEN 1 ELSE 0 END
        + CASE WHEN date_diff('day', purchases.last_purchase, run.as_of) < r.cut_40 THEN 1 ELSE 0 END
        + CASE WHEN date_diff('day', purchases.last_purchase, run.as_of) < r.cut_60 THEN 1 ELSE 0 END
        + CASE WHEN date_diff('day', purchases.last_purchase, run.as_of) < r.cut_80 THEN 1 ELSE 0 END
            AS recency_score,
        1
        + CASE WHEN purchases.frequency > f.cut_20 THEN 1 ELSE 0 END
        + CASE WHEN purchases.frequency > f.cut_40 THEN 1 ELSE 0 END
        + CASE WHEN purchases.frequency > f.cut_60 THEN 1 ELSE 0 END
        + CASE WHEN purchases.frequency > f.cut_80 THEN 1 ELSE 0 END AS frequency_score,
        1
        + CASE WHEN spend.historical_value > m.cut_20 THEN 1 ELSE 0 END
        + CASE WHEN spend.historical_value > m.cut_40 THEN 1 ELSE 0 END
        + CASE WHEN spend.historical_value > m.cut_60 THEN 1 ELSE 0 END
        + CASE WHEN spend.historical_value > m.cut_80 THEN 1 ELSE 0 END AS monetary_score
    FROM purchases
    INNER JOIN spend ON purchases.customer_id = spend.customer_id
    INNER JOIN rfm_cutoffs AS r ON r.measure = 'recency'
    INNER JOIN rfm_cutoffs AS f ON f.measure = 'frequency'
    INNER JOIN rfm_cutoffs AS m ON m.measure = 'monetary'
    CROSS JOIN run
),

cells AS (
    SELECT DISTINCT recency_score, frequency_score, monetary_score FROM scores
),

named AS (
    SELECT cells.recency_score, cells.frequency_score, cells.monetary_score, box.segment
    FROM cells
    LEFT JOIN rfm_segments AS box
        ON
            cells.recency_score BETWEEN box.recency_low AND box.recency_high
            AND cells.frequency_score BETWEEN box.frequency_low AND box.frequency_high
            AND cells.monetary_score BETWEEN box.monetary_low AND box.monetary_high
)

SELECT
    scores.customer_id,
    scores.recency_score,
    scores.frequency_score,
    scores.monetary_score,
    named.segment AS rfm_segment
FROM scores
INNER JOIN named
    ON
        scores.recency_score = named.recency_score
        AND scores.frequency_score = named.frequency_score
        AND scores.monetary_score = named.monetary_score
