"""`kizuna value` on public data: the numbers of the references, through the whole product."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from command import Ran, run
from data_sets import data_file, requires_data

pytestmark = requires_data

COLUMNS = [
    "customer_id",
    "first_purchase",
    "last_purchase",
    "frequency",
    "recency",
    "age",
    "mean_spend",
    "historical_value",
    "p_alive",
    "expected_purchases",
    "expected_purchases_low",
    "expected_purchases_high",
    "residual_clv",
    "residual_clv_low",
    "residual_clv_high",
    "rfm_segment",
]


@cache
def cdnow(model: str = "auto") -> Ran:
    sample = data_file("cdnow/cdnow_sample.parquet")
    words = (sample, "--customer", "sample_id", "--period", "week", "--model", model)
    ran = run(*words, "--holdout", "1997-10-01", out=Path(mkdtemp()))
    assert ran.code == 0, ran.stderr
    return ran


@cache
def online_retail() -> Ran:
    words = (data_file("online_retail/online_retail.parquet"), "--currency", "GBP")
    ran = run(*words, out=Path(mkdtemp()))
    assert ran.code == 0, ran.stderr
    return ran


@pytest.mark.parametrize(
    ("model", "parameters", "log_likelihood"),
    [
        ("bg_nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, -9582.43),
        ("pareto_nbd", {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, -9594.97),
        ("mbg_nbd", {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, -9582.13),
    ],
)
def test_the_fit_before_the_holdout_is_the_published_one(model, parameters, log_likelihood):
    fit = cdnow(model).summary["holdout"]["model"]
    assert fit["name"] == model
    assert fit["parameters"] == pytest.approx(parameters, abs=2e-3)
    assert fit["log_likelihood"] == pytest.approx(log_likelihood, abs=0.01)


def test_the_holdout_is_counted_as_published():
    holdout = cdnow().summary["holdout"]
    assert holdout["actual_purchases"] == 1882
    assert holdout["actual_spend"] == pytest.approx(70_976.39, abs=0.01)
    assert (holdout["start"], holdout["end"]) == ("1997-10-01", "1998-06-30")


def test_the_holdout_lies_inside_the_interval_forecast_for_it():
    holdout = cdnow().summary["holdout"]
    assert holdout["predicted_low"] < 1882 < holdout["predicted_high"]


def test_the_chosen_model_errs_less_per_customer_than_every_simple_rule():
    summary = cdnow().summary
    errors = {c["name"]: c["rmse"] for c in summary["candidates"]}
    chosen = errors[summary["model"]["name"]]
    assert chosen < min(errors[name] for name in ("zero", "own_rate", "past_spend"))
    assert chosen <= 1.6035


def test_a_simple_rule_that_ranks_better_is_named():
    summary = cdnow().summary
    better = {(b["name"], b["measure"]) for b in summary["choice"]["beaten_by"]}
    assert ("past_spend", "gini") in better
    assert any("past spend" in warning for warning in summary["warnings"])


def test_the_automatic_holdout_is_the_second_half():
    sample = data_file("cdnow/cdnow_sample.parquet")
    ran = run(sample, "--customer", "sample_id", "--model", "bg_nbd", out=Path(mkdtemp()))
    assert ran.summary["holdout"]["start"] == "1997-10-01"


def test_customers_file_has_one_row_a_customer_with_the_documented_columns():
    customers = cdnow().customers
    assert list(customers) == COLUMNS
    assert len(set(customers["customer_id"])) == 2357
    assert sum(customers["frequency"]) == 6696 - 2357


def test_the_csv_file_says_what_the_parquet_file_says():
    ran = cdnow()
    with (ran.out / "customers.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["customer_id"]: row for row in csv.DictReader(file)}
    parquet = dict(zip(ran.customers["customer_id"], ran.customers["residual_clv"], strict=True))
    assert rows.keys() == parquet.keys()
    assert all(math.isclose(float(rows[k]["residual_clv"]), v) for k, v in parquet.items())


def test_equity_is_the_sum_of_the_customers_values():
    ran = cdnow()
    total = ran.summary["customer_equity"]["value"]
    assert total == pytest.approx(sum(ran.customers["residual_clv"]), rel=1e-6)


def test_every_customer_lies_inside_his_own_order_of_bounds():
    found = cdnow().customers
    bounds = zip(found["residual_clv_low"], found["residual_clv_high"], strict=True)
    assert all(0 <= low <= high for low, high in bounds)
    assert all(0 <= p <= 1 for p in found["p_alive"])


def test_the_unit_of_time_changes_no_value():
    sample = data_file("cdnow/cdnow_sample.parquet")
    words = (sample, "--customer", "sample_id", "--model", "pareto_nbd", "--holdout", "none")
    day, week = (run(*words, "--period", p, out=Path(mkdtemp())) for p in ("day", "week"))
    values = [ran.summary["customer_equity"]["value"] for ran in (day, week)]
    assert values[0] == pytest.approx(values[1], rel=1e-4)
    assert "holdout" not in day.summary


def test_online_retail_counts_the_published_customers_and_rejects_the_nameless():
    summary = online_retail().summary
    assert summary["rows_read"] == 541_909
    assert summary["rows_rejected"]["missing_customer"] == 135_080
    assert summary["customers"] == 4339  # 4,338 who paid, one who got a gift
    assert summary["orders"] == 18_532 + 4  # four orders of amount 0


def test_every_row_left_out_is_kept_with_its_reason():
    ran = online_retail()
    with (ran.out / "rejected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(ran.summary["rows_rejected"].values())
    assert all(row["reason"] and row["line"] for row in rows)


def test_a_log_that_begins_in_the_middle_of_a_shops_life_is_named():
    words = "begin in the middle of the shop's life"
    assert any(words in warning for warning in online_retail().summary["warnings"])
    assert not any(words in warning for warning in cdnow().summary["warnings"])
    assert any("for a cohort" in warning for warning in cdnow().summary["warnings"])
