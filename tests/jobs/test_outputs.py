"""What the command writes and prints: whole files, safe cells, two languages."""

from __future__ import annotations

import csv
import json

import pytest

from command import run, shop_log, write_log

FILES = {"customers.parquet", "customers.csv", "summary.json", "report.html", "rejected.csv"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    ran = run(shop_log(folder / "orders.csv"), "--currency", "EUR", out=folder / "out")
    assert ran.code == 0, ran.stderr
    return ran


def test_all_files_are_written_and_nothing_else(shop):
    assert {path.name for path in shop.out.iterdir()} == FILES


def test_the_summary_has_the_documented_keys(shop):
    documented = {
        *("rows_read", "rows_rejected", "customers", "orders", "as_of", "period", "horizon_days"),
        *("model", "spend_model", "candidates", "holdout", "customer_equity", "currency"),
        "warnings",
    }
    assert documented <= shop.summary.keys()
    assert {"name", "parameters", "log_likelihood", "unit"} <= shop.summary["model"].keys()
    assert all(isinstance(warning, str) for warning in shop.summary["warnings"])


def test_candidates_are_scored_beside_baselines(shop):
    names = [c["name"] for c in shop.summary["candidates"]]
    assert {"bg_nbd", "mbg_nbd", "pareto_nbd", "zero", "own_rate", "past_spend"} == set(names)
    keys = {"name", "rmse", "mae", "bias", "gini", "coverage_90"}
    assert all(keys <= candidate.keys() for candidate in shop.summary["candidates"])


def test_the_printed_summary_names_the_guessed_columns_and_the_value(shop):
    assert "customer = customer_id" in shop.stdout
    assert "90 % interval" in shop.stdout


def test_the_most_valuable_customers_stand_first(shop):
    with (shop.out / "customers.csv").open(encoding="utf-8", newline="") as file:
        values = [float(row["residual_clv"]) for row in csv.DictReader(file)]
    assert values == sorted(values, reverse=True)
    assert shop.customers["residual_clv"] == values


def test_json_prints_the_summary_and_nothing_else(tmp_path):
    ran = run(shop_log(tmp_path / "orders.csv", customers=80), "--json", out=tmp_path / "out")
    assert json.loads(ran.stdout) == ran.summary


def test_the_same_orders_give_the_same_numbers_twice(tmp_path):
    log = shop_log(tmp_path / "orders.csv", customers=120)
    first, second = (run(log, out=tmp_path / name) for name in ("one", "two"))
    assert first.summary == second.summary
    assert first.customers == second.customers


def test_a_customer_named_like_a_formula_is_no_formula_in_the_csv(tmp_path):
    log = write_log(
        tmp_path / "orders.csv",
        [("=1+1", "2024-01-01", 10), ("@sum", "2024-01-02", 3), ("-9", "2024-01-05", 4)],
    )
    ran = run(log, out=tmp_path / "out")
    with (ran.out / "customers.csv").open(encoding="utf-8", newline="") as file:
        names = {row["customer_id"] for row in csv.DictReader(file)}
    assert names == {"'=1+1", "'@sum", "'-9"}
    assert set(ran.customers["customer_id"]) == {"=1+1", "@sum", "-9"}


def test_japanese_files_open_in_japanese_spreadsheets(tmp_path):
    log = shop_log(tmp_path / "orders.csv", customers=80)
    ran = run(log, "--lang", "ja", "--currency", "JPY", out=tmp_path / "out")
    assert (ran.out / "customers.csv").read_bytes().startswith(b"\xef\xbb\xbfcustomer_id,")
    assert "今後365日間" in ran.stdout
    assert '<html lang="ja"' in (ran.out / "report.html").read_text("utf-8")


def test_the_margin_scales_the_value_and_not_the_purchases(tmp_path):
    log = shop_log(tmp_path / "orders.csv", customers=80)
    words = ("--model", "mbg_nbd", "--holdout", "none")
    whole, third = (
        run(log, *words, "--margin", m, out=tmp_path / m).summary for m in ("1.0", "0.3")
    )
    assert third["customer_equity"]["value"] == pytest.approx(
        0.3 * whole["customer_equity"]["value"]
    )
    assert third["expected_purchases"] == whole["expected_purchases"]


def test_an_earlier_day_gives_the_history_of_that_day(tmp_path):
    log = shop_log(tmp_path / "orders.csv")
    ran = run(log, "--as-of", "2024-10-31", out=tmp_path / "out")
    assert ran.summary["as_of"] == "2024-10-31"
    assert ran.summary["rows_rejected"]["after_as_of"] > 0
