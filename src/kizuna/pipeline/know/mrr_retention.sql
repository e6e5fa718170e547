-- One row a currency and month: what the customers of twelve months before still bring. New
-- customers are left out; a customer who left and came back counts with what is paid now.
SELECT
    currency,
    month,
    count(*) AS customers,
    count(*) FILTER (WHERE mrr_now = 0) AS customers_lost,
    CAST(sum(mrr_before) AS BIGINT) AS mrr_before,
    CAST(sum(mrr_now) AS BIGINT) AS mrr_now,
    CAST(sum(mrr_kept) AS BIGINT) AS mrr_kept,
    sum(mrr_now) / CAST(sum(mrr_before) AS DOUBLE) AS net_retention,
    sum(mrr_kept) / CAST(sum(mrr_before) AS DOUBLE) AS gross_retention
FROM paying_months
WHERE mrr_before > 0
GROUP BY currency, month
