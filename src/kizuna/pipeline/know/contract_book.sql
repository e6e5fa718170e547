-- One row a currency, day on which a forecast is made, length of terms and months that are still
-- bound: the contracts of running_contracts, put together.
SELECT
    currency,
    made_on,
    term_months,
    months_left,
    ending,
    count(*) AS contracts,
    CAST(sum(mrr) AS BIGINT) AS mrr,
    sum(CAST(mrr AS DOUBLE) * mrr) AS mrr_squares
FROM running_contracts
GROUP BY currency, made_on, term_months, months_left, ending
