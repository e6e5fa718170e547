"""Recurring revenue of a store, and the business calendar; a public company that adds up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_sets import data_file, requires_data
from kizuna.jobs.business_days import Calendar, parse_country, parse_days
from kizuna.jobs.refresh import refresh
from kizuna.pipeline.business_days import before, between, months_after, on_or_before
from kizuna.pipeline.contract_tables import MOVEMENTS
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

TODAY = date(2026, 11, 21)
JAPAN = Calendar(country="JP", turn_of_year=True, own=parse_days("2026-08-13/2026-08-14"))


@requires_data
def test_the_contracts_of_ravenstack_reconcile_in_every_month(tmp_path: Path) -> None:
    raw = pq.read_table(data_file("ravenstack/subscriptions.parquet")).to_pylist()
    contracts = [
        {"contract_id": row["subscription_id"], "customer_id": row["account_id"]}
        | {"started_on": row["start_date"], "ended_on": row["end_date"], "currency": "USD"}
        | {"seats": row["seats"], "auto_renew": row["auto_renew_flag"]}
        | (
            {"amount": row["arr_amount"] * 100, "billing_months": 12}
            if row["billing_frequency"] == "annual"
            else {"amount": row["mrr_amount"] * 100, "billing_months": 1}
        )
        for row in raw
    ]
    store = Store(tmp_path)
    store.write("contracts", pa.Table.from_pylist(contracts, schema=arrow_schema("contracts")))
    found = refresh(store, today=TODAY)
    assert found.material["as_of"] == "2024-12-31"
    assert found.material["customers"] == 500
    bridge = store.read("mrr_bridge").sort_by("month").to_pylist()
    opening = 0
    for row in bridge:
        assert row["opening"] == opening
        opening = row["closing"]
        assert row["opening"] + sum(row[kind] for kind in MOVEMENTS) == opening
    last = date(2024, 12, 31)
    open_ones = [r for r in raw if r["end_date"] is None or r["end_date"] >= last]
    assert bridge[-1]["closing"] == 100 * sum(row["mrr_amount"] for row in open_ones)
    assert sum(r["mrr_amount"] for r in raw if r["end_date"] is None) == 10_159_608


def test_neither_orders_nor_contracts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no orders yet"):
        refresh(Store(tmp_path), today=TODAY)


@pytest.mark.parametrize(
    "day",
    [
        "2026-11-22",  # Sunday
        "2026-11-23",  # 勤労感謝の日
        "2026-05-06",  # 振替休日
        "2026-12-29",  # 年末年始
        "2027-01-03",
        "2026-08-13",  # the company's own
    ],
)
def test_a_closed_day_is_no_business_day(day: str) -> None:
    found = date.fromisoformat(day)
    assert JAPAN.closed_days(found, found) == {found}


@pytest.mark.parametrize("day", ["2026-11-24", "2026-12-28", "2027-01-04", "2026-08-12"])
def test_any_other_weekday_is_one(day: str) -> None:
    found = date.fromisoformat(day)
    assert JAPAN.closed_days(found, found) == frozenset()


def test_business_days_are_counted_over_the_turn_of_the_year() -> None:
    closed = JAPAN.closed_days(date(2026, 12, 1), date(2027, 1, 31))
    assert on_or_before(date(2027, 1, 3), closed) == date(2026, 12, 28)
    assert before(date(2027, 1, 5), 2, closed) == date(2026, 12, 28)
    assert before(date(2027, 1, 3), 0, closed) == date(2026, 12, 28)
    assert between(date(2026, 12, 28), date(2027, 1, 5), closed) == 2
    assert between(date(2027, 1, 5), date(2026, 12, 28), closed) == -2


def test_a_month_after_the_last_of_a_month_is_the_last_of_the_next() -> None:
    assert months_after(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_after(date(2024, 11, 30), 15) == date(2026, 2, 28)


def test_a_calendar_without_a_business_day_is_an_error() -> None:
    closed = frozenset(date(2026, m, d) for m in (5, 6, 7) for d in range(1, 31))
    with pytest.raises(ValueError, match="no business day"):
        on_or_before(date(2026, 7, 30), closed | {date(2026, 5, 31)})


@pytest.mark.parametrize("text", ["obon", "2026-08-16/2026-08-13", "2026-01-01/2030-01-01"])
def test_days_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_days(text)


def test_countries_are_known_by_their_codes() -> None:
    assert (parse_country("jp"), parse_country("")) == ("JP", "")
    with pytest.raises(InputError):
        parse_country("Atlantis")
