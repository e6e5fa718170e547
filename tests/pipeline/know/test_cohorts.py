"""Cohorts, retention and value by age: months cut whole, empty months kept, returns netted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tiny_tables import a_run, column, made, transactions

JAN, FEB, MAR = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)

# January: a and b; nobody of them orders in February; c from February
LOG = {
    "transactions": transactions(
        ("a", "2024-01-05", 10_00),
        ("a", "2024-01-20", 2_00),
        ("a", "2024-03-31", 8_00),
        ("b", "2024-01-31", 20_00),
        ("b", "2024-03-02", -5_00),
        ("c", "2024-02-10", 7_00),
    )
}


def test_cohorts_of_a_tiny_log(engine: Any) -> None:
    rows = made("cohorts", LOG, a_run("2024-03-31"), engine=engine)
    assert [tuple(row.values()) for row in rows] == [
        (JAN, 3, 2, 1, 4, 35_00),
        (FEB, 2, 1, 0, 1, 7_00),
    ]


def test_retention_keeps_months_in_which_nobody_bought(engine: Any) -> None:
    rows = made("retention", LOG, a_run("2024-03-31"), engine=engine)
    assert [tuple(row.values()) for row in rows] == [
        (JAN, 0, 2, 2, 1.0),
        (JAN, 1, 2, 0, 0.0),
        (JAN, 2, 2, 1, 0.5),
        (FEB, 0, 1, 1, 1.0),
        (FEB, 1, 1, 0, 0.0),
    ]


def test_value_by_age_adds_up_and_takes_returns_off(engine: Any) -> None:
    rows = made("ltv_by_cohort", LOG, a_run("2024-03-31"), engine=engine)
    january = [row for row in rows if row["cohort"] == JAN]
    assert column(january, "age_months") == [0, 1, 2]
    assert column(january, "cumulative_value_per_customer") == [16.0, 16.0, 17.5]


@pytest.mark.parametrize(("as_of", "ages"), [("2024-03-30", 2), ("2024-03-31", 3)])
def test_a_month_counts_once_its_last_day_is_observed(as_of: str, ages: int) -> None:
    rows = made("retention", LOG, a_run(as_of))
    assert len([row for row in rows if row["cohort"] == JAN]) == ages


def test_a_cohort_without_a_complete_month_is_left_out(engine: Any) -> None:
    rows = made("retention", LOG, a_run("2024-01-30"), engine=engine)
    assert rows == []


def test_the_value_by_age_ends_at_the_historical_value_when_all_months_are_complete() -> None:
    run = a_run("2024-03-31")
    last = {row["cohort"]: row for row in made("ltv_by_cohort", LOG, run)}
    for cohort in made("cohorts", LOG, run):
        per_customer = last[cohort["cohort"]]["cumulative_value_per_customer"]
        assert per_customer * cohort["customers"] * 100 == cohort["historical_value"]


def test_a_return_from_before_the_first_purchase_counts_at_age_0() -> None:
    log = {"transactions": transactions(("a", "2024-01-05", -100), ("a", "2024-02-05", 500))}
    rows = made("ltv_by_cohort", log, a_run("2024-03-31"))
    assert column(rows, "cumulative_value_per_customer") == [4.0, 4.0]


def test_yen_have_no_minor_unit() -> None:
    rows = made("ltv_by_cohort", LOG, a_run("2024-02-29", currency="JPY"))
    assert rows[0]["cumulative_value_per_customer"] == 1600.0
