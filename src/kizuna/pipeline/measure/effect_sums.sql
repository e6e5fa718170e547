-- One row an experiment, horizon, stratum and arm: units, sums, and sums of products. Money of
-- millions of customers passes to the science as these few numbers.
SELECT
    experiment_id,
    horizon_days,
    stratum,
    arm,
    contaminated,
    count(*) AS units,
    CAST(sum(CASE WHEN deeds > 0 THEN 1 ELSE 0 END) AS BIGINT) AS reached,
    sum(outcome) AS outcome,
    sum(predicted) AS predicted,
    sum(past) AS past,
    sum(cost) AS cost,
    sum(outcome * outcome) AS outcome_outcome,
    sum(outcome * predicted) AS outcome_predicted,
    sum(outcome * past) AS outcome_past,
    sum(outcome * cost) AS outcome_cost,
    sum(predicted * predicted) AS predicted_predicted,
    sum(predicted * past) AS predicted_past,
    sum(predicted * cost) AS predicted_cost,
    sum(past * past) AS past_past,
    sum(past * cost) AS past_cost,
    sum(cost * cost) AS cost_cost
FROM experiment_units
GROUP BY experiment_id, horizon_days, stratum, arm, contaminated
