"""Facts of a customer and a day: what each says, and that nothing of a later day is in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.pipeline.business_days import months_after
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.fact_tables import topics
from kizuna.pipeline.know.payment_events import read_payments
from kizuna.pipeline.run import execute, select
from kizuna.pipeline.steps import replaced, sql_step
from kizuna.pipeline.tables import TABLES
from tiny_tables import STEPS, Rows, a_run, made, table, transactions

TODAY = date(2024, 12, 31)
MINE = tuple(
    f"{topic}_facts" for topic in ("purchase", "contract", "use", "survey", "payment", "relation")
)
NAMES = [{"customer_id": name} for name in "abc"]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def event(number: int, customer: str, days_ago: int, name: str = "Opened", **more: Any) -> Any:
    at = datetime.combine(ago(days_ago), datetime.min.time()) + timedelta(hours=3)
    return {
        "event_id": f"{number}",
        "customer_id": customer,
        "name": name,
        "happened_at": at,
    } | more


def contract(number: str, customer: str, started: date, **more: Any) -> dict[str, Any]:
    said = {"contract_id": number, "customer_id": customer, "started_on": started}
    return said | {"amount": 1200, "billing_months": 12, "currency": "USD"} | more


def facts(name: str, inputs: Mapping[str, pa.Table], engine: Any = None, **run: Any) -> Rows:
    """Make a topic; who has no orders is listed."""
    given = {"transactions": transactions(), "customers": table("customers", NAMES)} | dict(inputs)
    return made(f"{name}_facts", given, a_run(**run), engine=engine)


def test_purchases_of_90_days_are_told_beside_those_of_the_90_before(engine: Any) -> None:
    log = [("a", ago(200), 9), ("a", ago(179), 4), ("a", ago(90), 2), ("a", ago(89), 3)]
    orders = transactions(*[(who, f"{day}", 100 * amount) for who, day, amount in log])
    [row] = facts("purchase", {"transactions": orders}, engine)
    assert (row["orders_90d"], row["spend_90d"]) == (1, 300)
    assert row["orders_change_90d"] == pytest.approx(1 / 2 - 1)
    assert row["spend_change_90d"] == pytest.approx(300 / 600 - 1)
    assert (row["days_since_purchase"], row["usual_gap_days"]) == (89, pytest.approx(111 / 3))
    assert row["returns_365d"] == 0


def test_who_never_bought_has_no_facts_of_purchases_rather_than_zeros() -> None:
    orders = transactions(("a", f"{ago(400)}", 100))
    rows = facts("purchase", {"transactions": orders})
    assert [(row["customer_id"], row["orders_90d"]) for row in rows] == [("a", 0)]


def test_a_contract_tells_what_runs_and_when_it_comes_due(engine: Any) -> None:
    terms = {"term_months": 12, "auto_renew": True, "notice_days": 30, "seats": 4}
    one = contract("1", "a", date(2024, 2, 1), **terms)
    other = contract("2", "a", date(2024, 1, 1), amount=500, billing_months=1)
    [row] = facts("contract", {"contracts": table("contracts", [one, other])}, engine)
    assert (row["mrr"], row["contracts"], row["seats"], row["auto_renew"]) == (600, 2, 4, True)
    assert (row["days_to_renewal"], row["days_to_notice"]) == (31, 1)
    assert (row["contract_tenure_days"], row["mrr_change_365d"]) == (365, pytest.approx(0.2))


def test_an_end_is_known_from_the_day_of_the_notice() -> None:
    ends = {"ended_on": date(2025, 3, 31), "cancelled_on": ago(10), "auto_renew": True}
    one = contract("1", "a", date(2023, 1, 1), term_months=12, notice_days=30, **ends)
    given = {"contracts": table("contracts", [one])}
    early, late = facts("contract", given, fact_days=(ago(11), TODAY))
    assert (early["auto_renew"], early["days_to_renewal"], early["days_to_notice"]) == (
        True,
        11,
        -19,
    )
    assert (late["auto_renew"], late["days_to_renewal"], late["days_to_notice"]) == (
        False,
        90,
        None,
    )


def test_a_customer_is_bound_until_the_last_contract_can_have_ended(engine: Any) -> None:
    yearly = {"term_months": 12, "auto_renew": True}
    rows = [
        contract("1", "open", date(2024, 2, 1), **yearly, notice_days=30),
        contract("2", "late", date(2024, 2, 1), **yearly, notice_days=31 + 1),
        contract("3", "monthly", date(2024, 1, 1), billing_months=1),
        contract("4", "both", date(2024, 1, 1), billing_months=1),
        contract("5", "both", date(2024, 7, 1), term_months=12),
        contract("6", "short", date(2024, 1, 1), term_months=1, auto_renew=True, notice_days=60),
        contract("7", "gone", date(2024, 1, 1), ended_on=date(2025, 1, 10), cancelled_on=ago(3)),
    ]
    told = facts("contract", {"contracts": table("contracts", rows)}, engine)
    found = {row["customer_id"]: row["days_bound"] for row in told}
    assert found == {"open": 31, "late": 396, "monthly": 0, "both": 181, "short": 90, "gone": 10}


def test_a_contract_that_has_ended_brings_nothing_and_comes_due_no_more() -> None:
    one = contract("1", "a", date(2023, 1, 1), ended_on=ago(5))
    [row] = facts("contract", {"contracts": table("contracts", [one])})
    assert (row["mrr"], row["contracts"], row["mrr_change_365d"]) == (0, 0, -1.0)
    assert (row["days_to_renewal"], row["contract_tenure_days"]) == (None, None)


def test_recurring_revenue_in_another_currency_is_not_known_in_that_of_the_run() -> None:
    one = contract("1", "a", date(2023, 1, 1), currency="JPY")
    [row] = facts("contract", {"contracts": table("contracts", [one])})
    assert (row["contracts"], row["mrr"]) == (1, None)


@settings(max_examples=20, deadline=None)
@given(st.dates(date(2022, 1, 1), TODAY), st.integers(1, 36), st.integers(0, 1000).map(ago))
def test_the_end_of_a_term_is_that_of_the_calendar(start: date, months: int, day: date) -> None:
    """The same as what `contract_terms` says, which counts in a loop."""
    one = contract("1", "a", start, term_months=months)
    rows = facts("contract", {"contracts": table("contracts", [one])}, as_of=f"{day}")
    ends = (months_after(start, k * months) - timedelta(days=1) for k in range(1, 99))
    due = next((end for end in ends if end >= day), None) if start <= day else None
    assert [row["days_to_renewal"] for row in rows] == ([] if due is None else [(due - day).days])


def test_use_is_told_against_the_customers_own_mean(engine: Any) -> None:
    days = [*range(7), *range(30, 112, 3)]
    seen = [event(k, "a", day, "Opened" if day else "Exported") for k, day in enumerate(days)]
    seen += [event(900, "a", 0, "Opened", properties='{"user_id": "u1"}')]
    [row] = facts("use", {"events": table("events", seen)}, engine)
    assert (row["active_days_28d"], row["breadth_28d"], row["days_since_use"]) == (7, 2, 0)
    assert row["depth_28d"] == pytest.approx(8 / 7)
    assert row["active_days_usual"] == pytest.approx(28 / 3, abs=0.1)
    assert row["active_days_change"] == pytest.approx(7 / (28 / 3) - 1, abs=0.01)
    assert row["users_28d"] == 1


def test_who_was_seen_but_not_of_late_has_zeros(engine: Any) -> None:
    [row] = facts("use", {"events": table("events", [event(1, "a", 40)])}, engine)
    assert (row["active_days_28d"], row["breadth_28d"], row["users_28d"]) == (0, 0, 0)
    assert row["active_days_change"] is None


def test_what_a_person_does_counts_for_her_company_too() -> None:
    names = [{"customer_id": "a"}, {"customer_id": "b", "parent_id": "a"}]
    given = {"customers": table("customers", names), "events": table("events", [event(1, "b", 2)])}
    rows = facts("use", given)
    assert [(row["customer_id"], row["users_28d"]) for row in rows] == [("a", 1), ("b", 1)]


def test_days_are_those_of_the_organisation(engine: Any) -> None:
    late = event(1, "a", 5) | {"happened_at": datetime(2024, 12, 30, 20, 0)}
    [row] = facts("use", {"events": table("events", [late])}, engine, timezone="Asia/Tokyo")
    assert row["days_since_use"] == 0


def answer(number: int, kind: str, score: float, days_ago: int, *scale: float, **more: Any) -> Any:
    at = datetime.combine(ago(days_ago), datetime.min.time())
    low, high = scale or (None, None)
    said = {"response_id": f"{number}", "customer_id": "a", "kind": kind, "answered_at": at}
    return said | {"score": score, "scale_low": low, "scale_high": high} | more


def test_the_latest_answer_of_each_kind_counts_and_high_is_good(engine: Any) -> None:
    given = [
        *(answer(1, "nps", 3.0, 300), answer(2, "nps", 9.0, 20, comment="良い")),
        *(answer(3, "csat", 4.0, 30, 1.0, 5.0), answer(4, "ces1", 5.0, 40, 1.0, 5.0)),
        answer(5, "csat", 4.0, 400),
    ]
    [row] = facts("survey", {"responses": table("responses", given)}, engine)
    assert (row["nps"], row["nps_days_ago"], row["csat"], row["ces"]) == (9.0, 20, 75.0, 0.0)
    assert (row["answers_365d"], row["comments_365d"]) == (4, 1)


def test_a_satisfaction_without_its_scale_is_not_known() -> None:
    [row] = facts("survey", {"responses": table("responses", [answer(1, "csat", 4.0, 3)])})
    assert row["csat"] is None


def test_failed_payments_and_those_not_made_good_are_counted_for_whom_payments_are_known(
    engine: Any,
) -> None:
    paid = [
        *(event(1, "a", 5, "Payment Failed"), event(2, "a", 89, "invoice.payment_failed")),
        *(event(3, "a", 90, "Payment Failed"), event(4, "b", 5, "Invoice Paid")),
        *(event(5, "c", 5, "Opened"), event(6, "b", 9, "Payment Failed")),
        event(7, "b", 3, "Payment Failed"),
    ]
    rows = facts("payment", {"events": table("events", paid)}, engine)
    told = [(r["customer_id"], r["failed_payments_90d"], r["failed_payments_open"]) for r in rows]
    assert told == [("a", 2, 2), ("b", 2, 1)]


def test_a_list_of_payments_with_another_outcome_is_refused(tmp_path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("name,outcome\nPayment Failed,perhaps\n")
    with pytest.raises(ValueError, match="as 'failed' or as 'paid'"):
        read_payments(path)


def test_people_are_told_of_the_last_day_alone(engine: Any) -> None:
    people = [
        {"contact_id": "1", "customer_id": "a", "role": "sponsor", "known_on": TODAY},
        {"contact_id": "2", "customer_id": "a", "role": "decides", "known_on": TODAY},
    ]
    at = datetime.combine(ago(9), datetime.min.time())
    spoke = {"interaction_id": "1", "customer_id": "a", "happened_at": at, "channel": "phone"}
    given = {"contacts": table("contacts", people), "interactions": table("interactions", [spoke])}
    early, late = facts("relation", given, engine, fact_days=(ago(3), TODAY))
    assert (late["contacts_known"], late["sponsors_known"], late["decision_makers_known"]) == (
        2,
        1,
        1,
    )
    assert (early["contacts_known"], early["days_since_contact"]) == (None, 6)


def test_the_same_customers_are_told_of_before_the_last_day() -> None:
    names = [{"customer_id": f"c{k}"} for k in range(20)]
    given = {"customers": table("customers", names), "transactions": transactions()}
    days = (ago(60), ago(30), TODAY)
    rows = made("fact_moments", given, a_run(fact_days=days, panel_customers=5))
    told = {day: [r["customer_id"] for r in rows if r["day"] == day] for day in days}
    assert (len(told[TODAY]), len(told[ago(30)])) == (20, 5)
    assert told[ago(60)] == told[ago(30)]


def test_a_day_after_the_last_one_observed_is_refused() -> None:
    with pytest.raises(ValueError, match="is after as_of"):
        a_run(fact_days=(TODAY + timedelta(days=1),))


def test_topics_share_no_name_of_a_fact() -> None:
    panel = TABLES["fact_panel"].column_names
    facts = TABLES["customer_facts"].column_names
    assert len(set(panel)) == len(panel)
    assert len(set(facts)) == len(facts)


DAYS = st.integers(0, 500).map(ago)


@st.composite
def companies(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Draw a little of everything, of three customers."""
    who = st.sampled_from("abc")

    def many(most: int, **fields: Any) -> list[dict[str, Any]]:
        rows = draw(st.lists(st.fixed_dictionaries(fields), max_size=most))
        return [row | {"number": f"{k}"} for k, row in enumerate(rows)]

    end = st.one_of(st.none(), st.integers(-300, 300).map(ago))
    return {
        "orders": many(8, customer_id=who, day=DAYS, amount=st.integers(-500, 900)),
        "contracts": many(
            3, customer_id=who, started_on=DAYS, ended_on=end, cancelled_on=end,
            term_months=st.sampled_from([None, 1, 12]), notice_days=st.sampled_from([None, 30]),
            auto_renew=st.sampled_from([None, True, False]), seats=st.sampled_from([None, 3]),
        ),
        "changes": many(
            3, contract_id=st.sampled_from("012"), changed_on=DAYS, amount=st.integers(0, 9000)
        ),
        "events": many(
            8, customer_id=who, day=DAYS, name=st.sampled_from(["Opened", "Payment Failed", "Paid"])
        ),
        "answers": many(
            5, customer_id=who, day=DAYS, kind=st.sampled_from(["nps", "csat", "ces1"]),
            score=st.sampled_from([1.0, 3.0, 5.0]),
        ),
        "talks": many(4, customer_id=who, day=DAYS),
    }  # fmt: skip


def tables_of(company: dict[str, list[dict[str, Any]]]) -> dict[str, pa.Table]:
    """Write what was drawn as tables."""
    at = {
        kind: [r | {"at": datetime.combine(r["day"], datetime.min.time())} for r in company[kind]]
        for kind in ("events", "answers", "talks")
    }
    valid = [r for r in company["contracts"] if _sound(r)]
    return {
        "customers": table("customers", NAMES),
        "transactions": transactions(
            *[(r["customer_id"], f"{r['day']}", r["amount"]) for r in company["orders"]]
        ),
        "contracts": table("contracts", [contract(r["number"], **_kept(r)) for r in valid]),
        "contract_changes": table(
            "contract_changes",
            [{"change_id": r["number"], "currency": "USD"} | r for r in company["changes"]],
        ),
        "events": table(
            "events", [{"event_id": r["number"], "happened_at": r["at"]} | r for r in at["events"]]
        ),
        "responses": table(
            "responses",
            [
                {"response_id": r["number"], "answered_at": r["at"], "scale_low": 1.0} | r
                | {"scale_high": 5.0}
                for r in at["answers"]
            ],
        ),
        "interactions": table(
            "interactions",
            [
                {"interaction_id": r["number"], "happened_at": r["at"], "channel": "mail"} | r
                for r in at["talks"]
            ],
        ),
    }  # fmt: skip


def _sound(row: dict[str, Any]) -> bool:
    return row["ended_on"] is None or row["ended_on"] >= row["started_on"]


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    more = {k: v for k, v in row.items() if k not in {"number", "customer_id", "started_on"}}
    return {"customer": row["customer_id"], "started": row["started_on"]} | more


def known_by(company: dict[str, list[dict[str, Any]]], day: date) -> dict[str, Any]:
    """Give what was known on a day: rows dated later are gone, and so are ends not yet known."""
    known = {kind: [r for r in rows if _dated(r) <= day] for kind, rows in company.items()}
    known["contracts"] = [r | _end_known(r, day) for r in known["contracts"] if _sound(r)]
    return known


def _dated(row: dict[str, Any]) -> date:
    found: date = row.get("day") or row.get("started_on") or row["changed_on"]
    return found


def _end_known(row: dict[str, Any], day: date) -> dict[str, Any]:
    said = [d for d in (row["cancelled_on"], row["ended_on"]) if d is not None]
    if row["ended_on"] is not None and min(said) <= day:
        return {}
    return {"ended_on": None, "cancelled_on": None}


def all_facts(tables: Mapping[str, pa.Table], run: Any, steps: Any = STEPS) -> dict[str, Rows]:
    """Make every topic at once, each row in its place."""
    with Engine(threads=1) as engine:
        for name, data in tables.items():
            engine.register(name, data)
        execute(select(steps, *MINE, given=tables), engine, run)
        return {
            name: engine.table(name, order_by=("customer_id", "day")).to_pylist() for name in MINE
        }


def differences(company: dict[str, Any], day: date, steps: Any = STEPS) -> list[str]:
    """Name the topics that say something else of a day than was known on it."""
    late = a_run(f"{TODAY}", fact_days=(day, TODAY))
    found = all_facts(tables_of(company), late, steps)
    then = all_facts(tables_of(known_by(company, day)), a_run(f"{day}"), steps)
    return [n for n in MINE if [r for r in found[n] if r["day"] == day] != then[n]]


@settings(max_examples=8, deadline=None)
@given(companies(), st.integers(1, 450).map(ago))
def test_facts_of_a_past_day_are_what_was_known_on_it(company: dict[str, Any], day: date) -> None:
    assert differences(company, day) == []


def test_a_topic_that_looks_ahead_would_be_seen() -> None:
    right = next(step for step in STEPS if step.name == "purchase_facts")
    assert right.sql is not None
    sql = right.sql.replace(" AND purchases.day <= moments.day", "")
    assert sql != right.sql
    orders = [{"customer_id": "a", "day": ago(n), "amount": 5, "number": f"{n}"} for n in (9, 90)]
    empty = {"contracts": [], "changes": [], "events": [], "answers": [], "talks": []}
    company = empty | {"orders": orders}
    assert differences(company, ago(30)) == []
    ahead = replaced(STEPS, sql_step("purchase_facts", sql))
    assert differences(company, ago(30), ahead) == ["purchase_facts"]


def test_every_topic_is_joined_to_the_panel() -> None:
    assert set(MINE) <= {found.name for found in topics(TABLES)}
