"""What serving customers cost: contacts of a year by the rates of their channel."""

from __future__ import annotations

from datetime import date, datetime
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

WON = date(2024, 1, 5)
VALUED = [
    {"customer_id": "a", "channel": "ads", "first_purchase": WON, "p_alive": 0.5}
    | {"residual_clv": 10_000.0, "historical_value": 30_000},
    {"customer_id": "never", "channel": "ads", "first_purchase": WON, "p_alive": 1.0}
    | {"residual_clv": 2_000.0, "historical_value": 4_000},
    {"customer_id": "before", "channel": "ads", "first_purchase": date(2023, 1, 1)}
    | {"p_alive": 1.0, "residual_clv": 70_000.0, "historical_value": 0},
]


def of(name: str, rates: Rows, engine: Any = None, contacts: Rows = CONTACTS) -> Rows:
    inputs = {
        "issue_contacts": table("issue_contacts", contacts),
        "service_rates": table("service_rates", rates),
        "valued_customers": table("valued_customers", VALUED),
        "channel_costs": table("channel_costs", [{"channel": "ads", "day": WON, "cost": 900.0}]),
    }
    run = a_run(AS_OF, currency="USD", horizon_days=730, margin=0.5)
    return made(name, inputs, run, engine=engine)


def test_a_contact_costs_by_its_channel_or_by_the_rate_of_all_others(engine: Any) -> None:
    rows = {row["interaction_id"]: row["cost"] for row in of("contact_costs", RATES, engine)}
    assert rows == {"1": 600.0, "2": 200.0, "3": 5_050.0, "4": 100.0, "5": 350.0}


def test_customers_sum_up_their_contacts_and_nothing_of_late_is_zero(engine: Any) -> None:
    rows = {row["customer_id"]: row for row in of("cost_to_serve", RATES, engine)}
    costs = {who: row["cost_to_serve_365d"] for who, row in rows.items()}
    assert costs == {"a": 800, "b": 100, "old": 0}  # the third lies a day too far back
    so_far = {who: row["cost_to_serve_to_date"] for who, row in rows.items()}
    assert so_far == {"a": 5_850, "b": 100, "old": 350}


def test_value_net_of_service_takes_the_year_to_go_on_while_the_customer_stays() -> None:
    rows = {row["customer_id"]: row for row in of("cost_to_serve", RATES)}
    assert rows["a"]["value_net_of_service"] == pytest.approx(10_000 - 800 * 0.5 * 2)
    assert rows["b"]["value_net_of_service"] is None
    assert rows["a"]["ltv_net_of_service"] == 15_000 - 5_850 + 10_000 - 800


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


def test_a_channel_of_acquisition_is_net_of_what_serving_its_customers_costs(engine: Any) -> None:
    rows = {row["channel"]: row for row in of("channel_net_values", RATES, engine)}
    ads = rows["ads"]  # of whom the cost of winning is known: who came before is left out
    assert (ads["customers"], ads["served"], ads["unpriced"]) == (2, 1, 0)
    assert ads["ltv"] == (25_000 + 4_000) / 2
    assert ads["cost_to_serve_to_date"] == 5_850 / 2
    assert ads["cost_to_serve_ahead"] == 800 / 2
    assert ads["ltv_net_of_service"] == (29_000 - 5_850 - 800) / 2
    assert rows["*"]["customers"] == 3  # nobody's cost of winning is known of all together


def test_without_rates_or_contacts_no_channel_is_net_of_anything() -> None:
    assert of("channel_net_values", []) == []
    assert of("channel_net_values", RATES, contacts=[]) == []


def test_a_channel_all_of_whose_contacts_lack_a_rate_is_no_data_and_not_zero() -> None:
    rows = of("channel_net_values", RATES[:1], contacts=CONTACTS[1:2])
    ads = next(row for row in rows if row["channel"] == "ads")
    assert (ads["unpriced"], ads["cost_to_serve_to_date"], ads["ltv_net_of_service"]) == (
        *(1, None),
        None,
    )
