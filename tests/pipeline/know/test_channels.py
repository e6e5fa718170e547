"""Acquisition by channel: costs spread over their days, customers placed, months cut whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tiny_tables import Rows, a_run, made, table, transactions

ORDERS = transactions(
    ("a", "2024-01-01", 10_00),
    ("a", "2024-02-03", 4_00),
    ("b", "2024-01-02", 20_00),
    ("c", "2024-01-05", 6_00),
    ("c", "2024-03-01", -1_00),
)


def cost(amount: int, from_on: str, until_on: str, **more: Any) -> dict[str, Any]:
    days = {"from_on": date.fromisoformat(from_on), "until_on": date.fromisoformat(until_on)}
    usual = {"cost_id": str(amount), "kind": "acquisition", "currency": "USD"}
    return usual | {"amount": amount, **days, **more}


def inputs(*costs: dict[str, Any]) -> dict[str, Any]:
    people = [{"customer_id": "a", "channel": "web"}, {"customer_id": "b", "channel": "store"}]
    return {
        "transactions": ORDERS,
        "customers": table("customers", people),
        "costs": table("costs", list(costs)),
    }


def costs_made(*costs: dict[str, Any], engine: Any, as_of: str = "2024-03-31") -> Rows:
    return made("channel_costs", inputs(*costs), a_run(as_of), engine=engine)


def test_a_cost_is_spread_over_its_days(engine: Any) -> None:
    rows = costs_made(cost(300, "2024-01-01", "2024-01-03", channel="web"), engine=engine)
    web = [(row["day"].day, row["cost"]) for row in rows if row["channel"] == "web"]
    assert web == [(1, 100.0), (2, 100.0), (3, 100.0)]


def test_everyone_together_costs_what_the_channels_cost(engine: Any) -> None:
    given = (
        cost(300, "2024-01-01", "2024-01-03", channel="web"),
        cost(70, "2024-01-02", "2024-01-02"),
    )
    rows = costs_made(*given, engine=engine)
    assert sum(row["cost"] for row in rows if row["channel"] == "*") == pytest.approx(370)
    assert sum(row["cost"] for row in rows if row["channel"] == "") == pytest.approx(70)


def test_days_before_the_log_and_after_its_end_are_left_out(engine: Any) -> None:
    given = cost(1000, "2023-12-27", "2024-01-05", channel="web")
    rows = costs_made(given, engine=engine, as_of="2024-01-03")
    assert sum(row["cost"] for row in rows if row["channel"] == "web") == pytest.approx(300)


def test_a_cost_of_a_customer_goes_to_the_customers_channel(engine: Any) -> None:
    rows = costs_made(cost(50, "2024-01-02", "2024-01-02", customer_id="b"), engine=engine)
    assert {row["channel"] for row in rows} == {"store", "*"}


def test_what_was_not_spent_to_win_customers_does_not_count(engine: Any) -> None:
    assert costs_made(cost(50, "2024-01-02", "2024-01-02", kind="service"), engine=engine) == []


def test_customers_are_told_apart_by_whether_their_cost_is_known(engine: Any) -> None:
    given = inputs(cost(100, "2024-01-01", "2024-01-01", channel="web"))
    rows = made("channel_customers", given, a_run("2024-03-31", margin=0.5), engine=engine)
    found = {(r["channel"], r["costed"]): (r["customers"], r["earned"]) for r in rows}
    assert found == {
        ("web", True): (1, 700.0),
        ("store", False): (1, 1000.0),
        ("", False): (1, 250.0),
        ("*", True): (1, 700.0),
        ("*", False): (2, 1250.0),
    }


def test_months_of_a_channel_are_whole_and_take_returns_off(engine: Any) -> None:
    rows = made("channel_ages", inputs(), a_run("2024-03-15"), engine=engine)
    found = {(r["channel"], r["age_months"]): (r["customers"], r["value"]) for r in rows}
    assert found["web", 0] == (1, 1000)
    assert found["web", 1] == (1, 400)
    assert found["*", 0] == (3, 3600)
    assert ("*", 2) not in found


def test_a_return_counts_in_its_month(engine: Any) -> None:
    rows = made("channel_ages", inputs(), a_run("2024-03-31"), engine=engine)
    assert [r["value"] for r in rows if r["channel"] == ""] == [600, 0, -100]
