"""What serving customers cost: contacts of a year by the rates of their channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tiny_tables import Rows, a_run, made, table

AS_OF = "2024-12-31"
RATES = [
    {"channel": "phone", "per_contact": 1.0, "per_minute": 0.5},
    {"channel": "*", "per_contact": 2.0, "per_minute": 0.0},
]


def contact(number: str, who: str, channel: str, minutes: float | None, day: str) -> dict[str, Any]:
    return {
        "interaction_id": number,
        "customer_id": who,
        "channel": channel,
        "day": datetime.fromisoformat(day).date(),
        "minutes": minutes,
        "direction": "in",
        "happened_at": datetime.fromisoformat(day),
    }


CONTACTS = [
    contact("1", "a", "phone", 10.0, "2024-06-01"),
    contact("2", "a", "mail", None, "2024-12-31"),
    contact("3", "a", "phone", 99.0, "2024-01-01"),
    contact("4", "b", "phone", None, "2024-02-01"),
    contact("5", "old", "phone", 5.0, "2023-02-01"),
]


def of(name: str, rates: Rows, engine: Any = None, contacts: Rows = CONTACTS) -> Rows:
    scored = {"customer_id": "a", "p_alive": 0.5, "residual_clv": 10_000.0}
    inputs = {
        "issue_contacts": table("issue_contacts", contacts),
        "service_rates": table("service_rates", rates),
        "valued_customers": table("valued_customers", [scored]),
    }
    run = a_run(AS_OF, currency="USD", horizon_days=730)
    return made(name, inputs, run, engine=engine)


def test_a_contact_costs_by_its_channel_or_by_the_rate_of_all_others(engine: Any) -> None:
    rows = {row["interaction_id"]: row["cost"] for row in of("contact_costs", RATES, engine)}
    assert rows == {"1": 600.0, "2": 200.0, "4": 100.0}  # the third lies a day too far back


def test_customers_sum_up_their_contacts_and_nothing_of_late_is_zero(engine: Any) -> None:
    rows = {row["customer_id"]: row for row in of("cost_to_serve", RATES, engine)}
    costs = {who: row["cost_to_serve_365d"] for who, row in rows.items()}
    assert costs == {"a": 800, "b": 100, "old": 0}


def test_value_net_of_service_takes_the_year_to_go_on_while_the_customer_stays() -> None:
    rows = {row["customer_id"]: row for row in of("cost_to_serve", RATES)}
    assert rows["a"]["value_net_of_service"] == pytest.approx(10_000 - 800 * 0.5 * 2)
    assert rows["b"]["value_net_of_service"] is None


def test_without_any_rate_nothing_is_told() -> None:
    assert of("cost_to_serve", []) == []
    assert {row["cost"] for row in of("channel_service_costs", [])} == {None}


def test_a_channel_without_a_rate_is_no_data_and_not_zero() -> None:
    rows = {
        row["customer_id"]: row for row in of("cost_to_serve", RATES[:1], contacts=CONTACTS[1:2])
    }
    assert rows["a"]["cost_to_serve_365d"] is None


def test_channels_and_customers_come_to_the_same_sum(engine: Any) -> None:
    channels = of("channel_service_costs", RATES, engine)
    customers = of("cost_to_serve", RATES)
    assert sum(row["cost"] for row in channels) == sum(r["cost_to_serve_365d"] for r in customers)
    phone = next(row for row in channels if row["channel"] == "phone")
    assert (phone["contacts"], phone["contacts_timed"], phone["minutes"]) == (2, 1, 10.0)
