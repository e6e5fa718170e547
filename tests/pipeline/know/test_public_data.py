"""Public data sets: the counts that are published, or checked in their notes, come out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from data_sets import CALIBRATION_END, cdnow_master, cdnow_sample, online_retail, requires_data
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, execute
from kizuna.pipeline.steps import select
from tiny_tables import STEPS

LOG_OF = """
SELECT *, max(CASE WHEN amount >= 0 THEN ordered_on END)
    OVER (PARTITION BY customer_id ORDER BY ordered_on) AS purchased_on
FROM (SELECT CAST({customer} AS VARCHAR) AS customer_id, CAST({order} AS VARCHAR) AS order_id,
    CAST(NULL AS TIMESTAMP) AS ordered_at, CAST({day} AS DATE) AS ordered_on,
    CAST(round(sum({amount}) * 100) AS BIGINT) AS amount, 'USD' AS currency
FROM {source} WHERE {keep} GROUP BY ALL)"""

CDNOW = {"day": "date", "amount": "dollar_value", "keep": "true", "order": "line"}
RETAIL = {
    "customer": "CustomerID",
    "order": "InvoiceNo",
    "day": "InvoiceDate",
    "amount": "Quantity * UnitPrice",
    "keep": "CustomerID IS NOT NULL",
    "source": "raw",
}
WITH_LINES = "(SELECT *, row_number() OVER () AS line FROM raw)"
CALIBRATION = Run(as_of=CALIBRATION_END, until=date(1998, 6, 30), period="week", currency="USD")

pytestmark = requires_data


def ran(raw: pa.Table, run: Run, *targets: str, **words: str) -> Engine:
    engine = Engine(threads=2)
    engine.register("raw", raw)
    engine.create("transactions", LOG_OF.format(**words))
    execute(select(STEPS, *targets), engine, run)
    return engine


def sample(run: Run, *targets: str) -> Engine:
    return ran(cdnow_sample(), run, *targets, customer="master_id", source=WITH_LINES, **CDNOW)


def master(run: Run, *targets: str) -> Engine:
    return ran(cdnow_master(), run, *targets, customer="customer_id", source=WITH_LINES, **CDNOW)


def one(engine: Engine, sql: str) -> tuple[Any, ...]:
    return tuple(engine.query(sql).to_pylist()[0].values())


def test_the_cdnow_sample_is_that_of_the_papers() -> None:
    engine = sample(CALIBRATION, "purchases")
    counts = (
        "SELECT count(*) AS n, count(*) FILTER (frequency > 0) AS r, sum(frequency)::BIGINT AS x"
    )
    assert one(engine, f"{counts} FROM purchases") == (2357, 946, 2457)
    low, high = one(engine, "SELECT min(age) AS a, max(age) AS b FROM purchases")
    assert (low, round(high, 3)) == (27.0, 38.857)


def test_the_holdout_of_the_cdnow_sample_is_that_of_the_papers() -> None:
    engine = sample(CALIBRATION, "future_purchases")
    counts = "SELECT sum(purchases)::BIGINT AS n, count(*) FILTER (purchases > 0) AS c"
    assert one(engine, f"{counts} FROM future_purchases") == (1882, 684)


def test_the_customer_of_the_published_expectation_is_there() -> None:
    engine = sample(CALIBRATION, "purchases")
    found = engine.query("SELECT recency AS r, age AS a FROM purchases WHERE frequency = 2")
    pairs = {(round(row["r"], 2), round(row["a"], 2)) for row in found.to_pylist()}
    assert (30.43, 38.86) in pairs


def test_the_cdnow_sample_has_946_spenders() -> None:
    engine = sample(CALIBRATION, "spend")
    found = one(
        engine, "SELECT count(*) AS n, avg(mean_spend) / 100 AS m FROM spend WHERE orders > 0"
    )
    assert found == (946, pytest.approx(35.078, abs=0.001))


def test_the_cdnow_master_has_its_customers_days_and_dollars() -> None:
    run = Run(as_of=date(1998, 6, 30))
    engine = master(run, "purchases", "spend")
    counts = "SELECT count(*) AS n, sum(frequency + 1)::BIGINT AS days FROM purchases"
    assert one(engine, counts) == (23_570, 67_591)
    money = "SELECT sum(historical_value)::BIGINT AS cents FROM spend"
    assert one(engine, money) == (250_031_563,)


def test_months_of_cohorts_add_up_to_the_history() -> None:
    engine = master(Run(as_of=date(1998, 6, 30)), "ltv_by_cohort", "cohorts", "retention")
    last = "SELECT sum(customers * v) AS v FROM (SELECT cohort, any_value(customers) AS customers, "
    last += "max(cumulative_value_per_customer) AS v FROM ltv_by_cohort GROUP BY cohort)"
    assert one(engine, last)[0] == pytest.approx(2_500_315.63)
    ages = "SELECT max(age_months) AS a, count(*) AS n FROM retention"
    assert one(engine, ages) == (17, 18 + 17 + 16)


def test_the_plain_formula_comes_near_what_cdnow_customers_spent_in_18_months() -> None:
    engine = sample(CALIBRATION, "ltv_factors")
    ltv = "SELECT exp(sum(ln(value))) AS ltv FROM ltv_factors"
    assert one(engine, ltv)[0] == pytest.approx(244_091.94 / 2357, rel=0.05)


def test_cdnow_customers_of_equal_value_score_equal() -> None:
    engine = sample(CALIBRATION, "rfm")
    torn = """SELECT count(*) AS n FROM (
        SELECT p.frequency FROM rfm AS r JOIN purchases AS p USING (customer_id)
        GROUP BY p.frequency HAVING count(DISTINCT r.frequency_score) > 1)"""
    assert one(engine, torn) == (0,)
    ones = "SELECT count(*) AS n FROM rfm WHERE frequency_score = 1"
    assert one(engine, ones) == (1411,)


def test_online_retail_keeps_its_customers_and_its_money() -> None:
    engine = ran(online_retail(), Run(as_of=date(2011, 12, 9)), "spend", "purchases", **RETAIL)
    net = "SELECT sum(amount)::BIGINT AS pence, count(DISTINCT customer_id) AS c FROM transactions"
    pence, customers = one(engine, net)
    assert (round(pence / 100), customers) == (8_300_066, 4372)
    bought = "SELECT count(*) AS n FROM purchases"
    assert one(engine, bought)[0] == one(engine, "SELECT count(*) AS n FROM spend")[0] == 4339


def test_the_usual_clean_subset_of_online_retail() -> None:
    clean = "CustomerID IS NOT NULL AND InvoiceNo NOT LIKE 'C%' AND Quantity > 0 AND UnitPrice > 0"
    words = RETAIL | {"keep": clean}
    engine = ran(online_retail(), Run(as_of=date(2011, 12, 9)), "spend", **words)
    found = "SELECT count(*) AS n, round(sum(historical_value) / 100, 2) AS v FROM spend"
    customers, pounds = one(engine, found)
    assert (customers, pounds) == (4338, pytest.approx(8_911_407.90, rel=1e-6))
    assert one(engine, "SELECT count(DISTINCT order_id) AS n FROM transactions") == (18_532,)
