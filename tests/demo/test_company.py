"""The simulated company is reproducible, and its truth agrees with what it did."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kizuna.demo import DemoCompany, Truth, simulate_company

AS_OF = date(2026, 3, 31)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> DemoCompany:
    return simulate_company(tmp_path_factory.mktemp("demo"), as_of=AS_OF)


@pytest.fixture(scope="module")
def customers(company: DemoCompany) -> pa.Table:
    return pq.read_table(company.customers)


def rows(company: DemoCompany) -> list[dict[str, str]]:
    with company.orders.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def good_rows(company: DemoCompany) -> list[dict[str, str]]:
    return [row for row in rows(company) if row["注文番号"][0] in "HR"]


def test_same_seed_gives_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    a, b, c = (
        simulate_company(tmp_path / name, as_of=AS_OF, customers=200, seed=seed)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert a.orders.read_bytes() == b.orders.read_bytes()
    assert a.customers.read_bytes() == b.customers.read_bytes()
    assert a.orders.read_bytes() != c.orders.read_bytes()


def test_every_customer_has_bought_by_the_last_day(company: DemoCompany) -> None:
    log = good_rows(company)
    bought = {row["顧客番号"] for row in log if not row["注文番号"].startswith("R")}
    assert len(bought) == 4_000
    assert max(row["注文日時"] for row in log) < "2026/04/01"


def test_log_reads_like_a_japanese_export(company: DemoCompany) -> None:
    assert company.orders.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(rows(company)[0]) == ["注文番号", "注文日時", "顧客番号", "流入経路", "金額"]


def test_headers_come_in_english_too(tmp_path: Path) -> None:
    company = simulate_company(tmp_path, as_of=AS_OF, customers=20, lang="en")
    assert list(rows(company)[0]) == ["order_id", "ordered_at", "customer_id", "channel", "amount"]


def test_bad_rows_are_few_and_counted(company: DemoCompany) -> None:
    bad = json.loads(company.truth.read_text("utf-8"))["bad_rows"]
    unreadable = sum(row["注文番号"].startswith("X") for row in rows(company))
    assert bad == {"no_customer": 3, "bad_date": 3, "bad_amount": 3, "duplicate": 3}
    assert unreadable == 9


def test_returns_take_back_an_order(company: DemoCompany) -> None:
    log = good_rows(company)
    bought = {(row["顧客番号"], int(row["金額"])) for row in log}
    returned = [row for row in log if row["注文番号"].startswith("R")]
    assert 0.03 < len(returned) / len(log) < 0.08
    assert all((row["顧客番号"], -int(row["金額"])) in bought for row in returned)


def test_the_year_has_its_seasons(company: DemoCompany) -> None:
    month = np.array([int(row["注文日時"][5:7]) for row in good_rows(company)])
    assert (month == 12).sum() > 1.5 * (month == 1).sum()
    assert (month == 5).sum() > 1.2 * (month == 4).sum()


def test_totals_are_the_sums_of_the_customers(company: DemoCompany, customers: pa.Table) -> None:
    totals = json.loads(company.truth.read_text("utf-8"))["totals"]
    assert totals["future_spend"] == sum(customers["future_spend"].to_pylist())
    assert totals["alive"] == sum(customers["alive"].to_pylist())


def test_true_p_alive_is_calibrated(customers: pa.Table) -> None:
    alive, p = customers["alive"].to_numpy(), customers["p_alive"].to_numpy()
    for low in np.arange(0.0, 1.0, 0.2):
        group = (p >= low) & (p <= low + 0.2)
        error = alive[group].mean() - p[group].mean()
        assert abs(error) < 4 * np.sqrt(0.25 / group.sum())


@pytest.mark.parametrize("what", ["purchases", "spend"])
def test_the_future_is_what_the_true_rates_expect(customers: pa.Table, what: str) -> None:
    future = customers[f"future_{what}"].to_numpy()
    error = future - customers[f"expected_{what}"].to_numpy()
    returned = 0.01 * future.sum() if what == "spend" else 0.0
    assert abs(error.sum() + returned) < 4 * error.std() * np.sqrt(len(error))


def test_nobody_is_expected_to_buy_in_a_company_that_all_have_left(tmp_path: Path) -> None:
    gone = replace(Truth(), s=50.0, beta=1.0)
    company = simulate_company(tmp_path, as_of=AS_OF, customers=300, truth=gone)
    table = pq.read_table(company.customers)
    assert sum(table["expected_purchases"].to_pylist()) < 1.0


@pytest.mark.parametrize("argument", ["customers", "horizon_days"])
def test_a_company_without_customers_or_future_is_refused(tmp_path: Path, argument: str) -> None:
    with pytest.raises(ValueError, match="at least one"):
        simulate_company(tmp_path, as_of=AS_OF, **{argument: 0})
