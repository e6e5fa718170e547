"""Recurring revenue of contracts: what moves it, and that everything adds up to the minor unit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.pipeline.contract_tables import MOVEMENTS
from kizuna.pipeline.run import discover
from kizuna.pipeline.steps import replaced, sql_step
from tiny_tables import STEPS, Rows, a_run, made, table

FIRST = date(2023, 1, 1)
AS_OF = "2024-06-30"


def contract(number: str, customer: str, start: str, amount: int, **more: Any) -> dict[str, Any]:
    """Write a contract; days are ISO texts."""
    days = {k: date.fromisoformat(v) for k, v in more.items() if k.endswith("_on")}
    said = {"contract_id": number, "customer_id": customer, "amount": amount}
    usual = {"started_on": date.fromisoformat(start), "billing_months": 1, "currency": "JPY"}
    return usual | said | more | days


def inputs(*contracts: dict[str, Any], changes: Rows = (), **more: Any) -> dict[str, Any]:  # type: ignore[assignment]
    named = [{"change_id": str(k), "currency": "JPY"} | row for k, row in enumerate(changes)]
    return {
        "contracts": table("contracts", list(contracts)),
        "contract_changes": table("contract_changes", named),
    } | more


def movements(*contracts: dict[str, Any], engine: Any, **more: Any) -> list[tuple[str, str, int]]:
    rows = made("contract_events", inputs(*contracts, **more), a_run(AS_OF), engine=engine)
    return [(f"{row['day']}", row["kind"], row["change"]) for row in rows]


def test_a_first_contract_is_new_and_its_end_is_churn(engine: Any) -> None:
    found = movements(contract("1", "a", "2024-01-10", 500, ended_on="2024-03-31"), engine=engine)
    assert found == [("2024-01-10", "new", 500), ("2024-04-01", "churn", -500)]


def test_the_end_of_one_of_several_contracts_is_a_contraction_and_no_churn(engine: Any) -> None:
    found = movements(
        contract("1", "a", "2024-01-01", 500),
        contract("2", "a", "2024-02-01", 300, ended_on="2024-04-30"),
        engine=engine,
    )
    kinds = ["new", "expansion", "contraction"]
    assert [kind for _day, kind, _change in found] == kinds


def test_who_stopped_and_pays_again_is_a_reactivation(engine: Any) -> None:
    found = movements(
        contract("1", "a", "2024-01-01", 500, ended_on="2024-01-31"),
        contract("2", "a", "2024-03-01", 400),
        engine=engine,
    )
    assert found[-1] == ("2024-03-01", "reactivation", 400)


def test_going_on_with_another_contract_the_next_day_is_the_difference(engine: Any) -> None:
    found = movements(
        contract("1", "a", "2024-01-01", 500, ended_on="2024-01-31"),
        contract("2", "a", "2024-02-01", 800),
        engine=engine,
    )
    assert found[-1] == ("2024-02-01", "expansion", 300)


def test_a_change_of_price_counts_from_its_day_and_leaves_what_was(engine: Any) -> None:
    rise = {"contract_id": "1", "changed_on": date(2024, 5, 1), "amount": 700}
    found = movements(contract("1", "a", "2024-01-01", 500), changes=[rise], engine=engine)
    assert found == [("2024-01-01", "new", 500), ("2024-05-01", "expansion", 200)]


def test_what_is_paid_once_is_no_recurring_revenue(engine: Any) -> None:
    assert movements(contract("1", "a", "2024-01-01", 90, billing_months=0), engine=engine) == []


def test_a_free_trial_is_no_paying_customer_until_it_costs_something(engine: Any) -> None:
    paid = {"contract_id": "1", "changed_on": date(2024, 2, 1), "amount": 500}
    found = movements(contract("1", "a", "2024-01-01", 0), changes=[paid], engine=engine)
    assert found == [("2024-02-01", "new", 500)]


def test_the_months_of_a_year_add_up_to_what_is_billed_for_it(engine: Any) -> None:
    more_seats = {"contract_id": "1", "changed_on": date(2023, 8, 15), "seats": 9}
    year = contract("1", "a", "2023-01-15", 100_000, billing_months=12, seats=5)
    rows = made("contract_months", inputs(year, changes=[more_seats]), a_run(AS_OF), engine=engine)
    first = rows[:12]
    assert {row["mrr"] for row in first} == {8_333}
    assert sum(row["mrr"] + row["remainder"] for row in first) == 100_000
    assert [row["seats"] for row in first] == [5] * 7 + [9] * 5


def test_currencies_have_bridges_of_their_own(engine: Any) -> None:
    two = inputs(
        contract("1", "a", "2024-06-01", 500), contract("2", "a", "2024-06-01", 7, currency="USD")
    )
    rows = made("mrr_bridge", two, a_run(AS_OF), engine=engine)
    assert [(row["currency"], row["closing"]) for row in rows] == [("JPY", 500), ("USD", 7)]


def test_a_month_that_is_not_over_says_so(engine: Any) -> None:
    rows = made("mrr_bridge", inputs(contract("1", "a", "2024-05-01", 5)), a_run("2024-06-29"))
    assert [(row["complete"], f"{row['until_on']}") for row in rows] == [
        (True, "2024-05-31"),
        (False, "2024-06-29"),
    ]


def test_retention_is_told_of_the_customers_of_a_year_ago(engine: Any) -> None:
    given_ones = inputs(
        contract("1", "a", "2023-06-01", 1_000, ended_on="2024-05-31"),
        contract("2", "b", "2023-06-01", 1_000),
        contract("3", "b", "2024-06-01", 500),
        contract("4", "c", "2024-06-01", 9_000),
    )
    [row] = made("mrr_retention", given_ones, a_run(AS_OF), engine=engine)
    assert (row["customers"], row["customers_lost"]) == (2, 1)
    assert (row["net_retention"], row["gross_retention"]) == (0.75, 0.5)


def test_use_is_the_people_seen_beside_the_seats_paid_for_and_payments_are_none(
    engine: Any,
) -> None:
    day = datetime(2024, 6, 20, 9)
    seen = [("acme", '{"user_id": "u1"}'), ("acme", '{"user_id": "u1"}'), ("kim", None)]
    events = [
        {"event_id": str(k), "customer_id": who, "name": "opened", "properties": said}
        | {"happened_at": day}
        for k, (who, said) in enumerate(seen)
    ]
    paid_by = {"event_id": "p", "customer_id": "lee", "name": "Payment Succeeded"}
    events.append(paid_by | {"happened_at": day, "properties": None})
    people = [{"customer_id": "acme"}, {"customer_id": "kim", "parent_id": "acme"}]
    people.append({"customer_id": "lee", "parent_id": "acme"})
    more = {"events": table("events", events), "customers": table("customers", people)}
    paid = contract("1", "acme", "2024-01-01", 500, seats=4)
    [row] = made("entitlements", inputs(paid, **more), a_run(AS_OF), engine=engine)
    assert (row["seats"], row["used"], row["events"], row["use"]) == (4, 2, 3, 0.5)


def test_use_is_not_known_where_no_event_names_anybody(engine: Any) -> None:
    paid = contract("1", "acme", "2024-01-01", 500, seats=4)
    [row] = made("entitlements", inputs(paid), a_run(AS_OF), engine=engine)
    assert (row["used"], row["use"]) == (None, None)


DAYS = st.integers(0, 540).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def companies(draw: st.DrawFn) -> dict[str, Any]:
    """Draw contracts of a few customers, with ends, gaps, currencies and changes."""
    contracts, changes = [], []
    for number in range(draw(st.integers(1, 8))):
        start = draw(DAYS)
        length = draw(st.none() | st.integers(0, 500))
        ended = None if length is None else start + timedelta(days=length)
        contracts.append(
            {"contract_id": f"{number}", "customer_id": draw(st.sampled_from("abc"))}
            | {"started_on": start, "ended_on": ended, "amount": draw(st.integers(0, 99_999))}
            | {"billing_months": draw(st.sampled_from([0, 1, 3, 6, 7, 12, 24]))}
            | {"currency": draw(st.sampled_from(["JPY", "USD"]))}
        )
        for _ in range(draw(st.integers(0, 2))):
            changes.append(
                {"contract_id": f"{number}", "changed_on": draw(DAYS)}
                | {"amount": draw(st.none() | st.integers(0, 99_999))}
                | {"currency": contracts[-1]["currency"], "seats": draw(st.integers(1, 9))}
            )
    return inputs(*contracts, changes=changes)


def unreconciled(company: dict[str, Any], steps: Any = STEPS) -> list[str]:
    """Name what does not add up: months by movements, month to month, and against contracts."""
    run, wrong = a_run(AS_OF), []
    bridge = made("mrr_bridge", company, run, steps=steps)
    months = made("contract_months", company, run, steps=steps)
    for currency, found in groupby(bridge, lambda row: row["currency"]):
        opening = 0
        for row in found:
            own = [m for m in months if (m["currency"], m["month"]) == (currency, row["month"])]
            if row["opening"] != opening:
                wrong.append("opening")
            if row["opening"] + sum(row[kind] for kind in MOVEMENTS) != row["closing"]:
                wrong.append("movements")
            if row["closing"] != sum(m["mrr"] for m in own):
                wrong.append("contracts")
            opening = row["closing"]
    return wrong


@settings(max_examples=settings().max_examples // 3)
@given(companies())
def test_every_bridge_reconciles_in_every_month_and_currency(company: dict[str, Any]) -> None:
    assert unreconciled(company) == []


def test_a_movement_that_is_booked_on_the_wrong_day_does_not_reconcile() -> None:
    right = next(step for step in discover("know") if step.name == "contract_events")
    assert right.sql is not None
    sql = right.sql.replace("until_on + INTERVAL 1 DAY", "until_on")
    assert sql != right.sql
    late = inputs(contract("1", "a", "2024-01-01", 5, ended_on="2024-01-31"))
    assert unreconciled(late) == []
    assert unreconciled(late, replaced(STEPS, sql_step("contract_events", sql))) != []


@settings(max_examples=settings().max_examples // 3)
@given(st.integers(0, 10**9), st.sampled_from([1, 2, 3, 6, 7, 12, 24, 36]))
def test_no_minor_unit_is_lost_by_rounding(amount: int, months: int) -> None:
    one = inputs(contract("1", "a", "2020-01-31", amount, billing_months=months))
    rows = made("contract_months", one, a_run("2022-12-31"))[:months]
    assert sum(row["mrr"] + row["remainder"] for row in rows) == amount


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"term_months": 12, "auto_renew": True, "notice_days": 30}, ("2024-12-31", "2024-11-29")),
        ({"term_months": 12, "auto_renew": False, "notice_days": 30}, ("2024-12-31", "None")),
        ({"term_months": 12, "auto_renew": True}, ("2024-12-31", "None")),
        ({"auto_renew": True, "notice_days": 30}, ("None", "None")),
        (
            {"term_months": 12, "auto_renew": True, "notice_days": 9, "ended_on": "2024-09-30"},
            ("2024-09-30", "None"),
        ),
    ],
)
def test_notice_is_due_on_the_business_day_on_or_before(
    more: dict[str, Any], expected: tuple[str, str]
) -> None:
    closed = frozenset({date(2024, 11, 30), date(2024, 12, 1)})
    one = inputs(contract("1", "a", "2023-01-01", 500, **more))
    [row] = made("contract_terms", one, a_run(AS_OF, closed_days=closed))
    if expected[1] != "None":
        assert row["business_days_left"] == (date(2024, 11, 29) - date(2024, 6, 30)).days
    assert (f"{row['ends_on']}", f"{row['notice_by']}") == expected


def test_notice_may_be_counted_in_business_days() -> None:
    weekend = {date(2024, 12, 28), date(2024, 12, 29)}
    terms = {"term_months": 12, "auto_renew": True, "notice_days": 3}
    one = inputs(contract("1", "a", "2024-01-01", 500, **terms))
    run = a_run(AS_OF, closed_days=frozenset(weekend), notice_in_business_days=True)
    [row] = made("contract_terms", one, run)
    assert f"{row['notice_by']}" == "2024-12-26"
