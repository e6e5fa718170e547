"""Retention: what is due and renewed, kept, won back, and what it cost to win customers."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import discover, execute, select
from kizuna.pipeline.steps import replaced, sql_step
from tiny_tables import STEPS, Rows, a_run, made, table, transactions

FIRST = date(2023, 1, 1)
AS_OF = "2024-06-30"
ENDS = ("contract_renewals", "retention_months", "paying_months", "mrr_cohorts")


def contract(number: str, customer: str, start: str, amount: int, **more: Any) -> dict[str, Any]:
    """Write a contract; days are ISO texts."""
    days = {k: date.fromisoformat(v) for k, v in more.items() if k.endswith("_on")}
    said = {"contract_id": number, "customer_id": customer, "amount": amount}
    usual = {"started_on": date.fromisoformat(start), "billing_months": 1, "currency": "JPY"}
    return usual | said | more | days


def of(name: str, *contracts: dict[str, Any], as_of: str = AS_OF, **more: Any) -> Rows:
    given_ones = {
        "contracts": table("contracts", list(contracts)),
        "contract_changes": table("contract_changes", []),
    }
    return made(name, given_ones, a_run(as_of), **more)


def renewals(*contracts: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    rows = of("contract_renewals", *contracts, **more)
    return [(f"{row['due_on']}", row["outcome"]) for row in rows]


def test_a_term_that_ended_and_went_on_is_renewed(engine: Any) -> None:
    found = renewals(contract("1", "a", "2023-01-31", 500, term_months=6), engine=engine)
    assert found == [("2023-07-30", "renewed"), ("2024-01-30", "renewed")]


def test_a_month_that_is_shorter_ends_a_term_on_the_day_before_its_last(engine: Any) -> None:
    found = renewals(contract("1", "a", "2023-12-31", 500, term_months=2), engine=engine)
    assert [day for day, _ in found] == ["2024-02-28", "2024-04-29", "2024-06-29"]


def test_a_contract_that_ends_with_its_term_is_lost(engine: Any) -> None:
    one = contract("1", "a", "2023-01-01", 500, term_months=12, ended_on="2023-12-31")
    assert renewals(one, engine=engine) == [("2023-12-31", "lost")]


def test_a_contract_followed_by_another_of_the_customer_is_replaced(engine: Any) -> None:
    one = contract("1", "a", "2023-01-01", 500, term_months=12, ended_on="2023-12-31")
    other = contract("2", "a", "2024-01-20", 700)
    assert renewals(one, other, engine=engine) == [("2023-12-31", "replaced")]


@pytest.mark.parametrize(
    "other",
    [
        contract("2", "b", "2024-01-20", 700),
        contract("2", "a", "2024-03-01", 700),
        contract("2", "a", "2024-01-20", 700, currency="USD"),
        contract("2", "a", "2023-06-01", 700),
    ],
    ids=["of another", "much later", "in another currency", "that ran beside it"],
)
def test_another_contract_that_takes_no_place_replaces_none(other: dict[str, Any]) -> None:
    one = contract("1", "a", "2023-01-01", 500, term_months=12, ended_on="2023-12-31")
    assert renewals(one, other) == [("2023-12-31", "lost")]


def test_what_ends_within_a_term_or_has_no_term_is_never_due(engine: Any) -> None:
    early = contract("1", "a", "2023-01-01", 500, term_months=12, ended_on="2023-08-31")
    open_one = contract("2", "b", "2023-01-01", 500, ended_on="2023-12-31")
    assert renewals(early, open_one, engine=engine) == []


def test_a_term_whose_next_day_has_not_come_is_not_yet_judged() -> None:
    one = contract("1", "a", "2023-07-01", 500, term_months=12)
    assert renewals(one) == []
    assert renewals(one, as_of="2024-07-01") == [("2024-06-30", "renewed")]


def test_rates_of_a_month_name_their_denominators(engine: Any) -> None:
    rows = of(
        "retention_months",
        contract("1", "a", "2023-06-01", 1_000, term_months=12, ended_on="2024-05-31"),
        contract("2", "b", "2023-06-01", 1_000, term_months=12),
        contract("3", "b", "2024-06-01", 500),
        contract("4", "c", "2024-06-01", 900),
        contract("5", "d", "2023-06-01", 0),
        engine=engine,
    )
    last = rows[-1]
    assert (last["net_retention"], last["gross_retention"], last["logo_churn"]) == (0.75, 0.5, 0.5)
    assert (last["gained_365d"], last["given_up_365d"], last["quick_ratio"]) == (1_400, 1_000, 1.4)
    assert (last["customers_opening"], last["logo_churn_month"]) == (2, 0.5)
    assert last["revenue_churn_month"] == 0.5
    assert (last["renewals_due_365d"], last["renewal_rate"]) == (2, 0.5)
    assert rows[0]["logo_churn_month"] is None


def test_who_came_back_is_counted_against_those_who_had_gone(engine: Any) -> None:
    rows = of(
        "retention_months",
        contract("1", "a", "2024-01-01", 500, ended_on="2024-01-31"),
        contract("2", "b", "2024-01-01", 500, ended_on="2024-01-31"),
        contract("3", "a", "2024-04-10", 400),
        engine=engine,
    )
    told = [(row["former_customers"], row["customers_back"], row["win_back_rate"]) for row in rows]
    assert told == [(0, 0, None), (0, 0, None), (2, 0, 0.0), (2, 1, 0.5), (1, 0, 0.0), (1, 0, 0.0)]


LIFE = st.tuples(
    st.integers(0, 500), st.none() | st.integers(1, 500), st.integers(0, 4), st.integers(0, 3)
)


def company(lives: list[tuple[int, int | None, int, int]]) -> list[dict[str, Any]]:
    return [
        contract(str(n), "abcde"[who], f"{FIRST + timedelta(days=start)}", 100 * (n + 1))
        | {"term_months": (None, 1, 3, 12)[term]}
        | {"ended_on": None if days is None else FIRST + timedelta(days=start + days)}
        for n, (start, days, who, term) in enumerate(lives)
    ]


def books(lives: list[tuple[int, int | None, int, int]], steps: Any = STEPS) -> dict[str, Rows]:
    names = (*ENDS, "mrr_bridge", "mrr_retention")
    given_ones = {
        "contracts": table("contracts", company(lives)),
        "contract_changes": table("contract_changes", []),
    }
    with Engine(threads=1) as engine:
        for name, data in given_ones.items():
            engine.register(name, data)
        execute(select(steps, *names, given=given_ones), engine, a_run(AS_OF))
        return {name: engine.table(name).to_pylist() for name in names}


@settings(max_examples=25, deadline=None)
@given(st.lists(LIFE, min_size=1, max_size=8))
def test_whatever_the_contracts_all_sums_are_those_of_the_bridge(lives: Any) -> None:
    assert unlike(books(lives)) == []


def test_books_that_forget_who_left_do_not_add_up() -> None:
    step = next(s for s in discover("know") if s.name == "mrr_cohorts")
    assert step.sql
    forgets = replaced(STEPS, sql_step("mrr_cohorts", step.sql.replace("'new'", "'churn'")))
    assert unlike(books([(0, 100, 0, 0), (0, None, 1, 0)], steps=forgets))


def unlike(found: dict[str, Rows]) -> list[str]:
    """Name what does not add up."""
    bridge = {row["month"]: row for row in found["mrr_bridge"]}
    wrong = []
    by_month: dict[Any, list[int]] = {month: [0, 0] for month in bridge}
    for row in found["mrr_cohorts"]:
        year, month = divmod(
            row["cohort"].year * 12 + row["cohort"].month - 1 + row["age_months"], 12
        )
        sums = by_month[date(year, month + 1, 1)]
        sums[0] += row["mrr"]
        sums[1] += row["customers_paying"]
    paid: dict[Any, list[int]] = {month: [0, 0] for month in bridge}
    for row in (row for row in found["paying_months"] if row["mrr_now"]):
        paid[row["month"]][0] += row["mrr_now"]
        paid[row["month"]][1] += 1
    for month, row in bridge.items():
        if paid[month] != [row["closing"], row["customers_closing"]]:
            wrong.append(f"paying {month}")
        if by_month[month] != [row["closing"], row["customers_closing"]]:
            wrong.append(f"cohorts {month}")
    for row in found["retention_months"]:
        there = bridge[row["month"]]
        if row["customers_opening"] != there["customers_opening"] or row["former_customers"] < 0:
            wrong.append(f"months {row['month']}")
    year_ago = [row for row in found["mrr_retention"] if row["month"] == max(bridge, default=None)]
    told = [r for r in found["paying_months"] if r["month"] == max(bridge) and r["mrr_before"]]
    for row in year_ago:
        sums = [sum(r[n] for r in told) for n in ("mrr_before", "mrr_now", "mrr_kept")]
        if sums != [row["mrr_before"], row["mrr_now"], row["mrr_kept"]]:
            wrong.append("customers")
    for number, rows in groupby(sorted(found["contract_renewals"], key=_contract), key=_contract):
        if sum(row["outcome"] != "renewed" for row in rows) > 1:
            wrong.append(f"renewals {number}")
    return wrong


def _contract(row: dict[str, Any]) -> str:
    return str(row["contract_id"])


def test_who_was_silent_for_half_a_year_and_bought_again_is_won_back(engine: Any) -> None:
    orders = transactions(
        ("a", "2023-01-10", 100),
        ("a", "2023-09-20", 100),
        ("b", "2023-01-10", 100),
        ("c", "2023-01-10", 100),
        ("c", "2023-06-10", 100),
        ("c", "2023-12-31", 100),
    )
    rows = made("win_backs", {"transactions": orders}, a_run("2023-12-31"), engine=engine)
    told = [(f"{row['month']}", row["lapsed"], row["back"], row["rate"]) for row in rows]
    assert told == [
        ("2023-08-01", 2, 0, 0.0),
        ("2023-09-01", 2, 1, 0.5),
        ("2023-10-01", 1, 0, 0.0),
        ("2023-11-01", 1, 0, 0.0),
        ("2023-12-01", 1, 0, 0.0),
    ]


def test_nobody_can_be_won_back_before_anybody_was_silent() -> None:
    orders = transactions(("a", "2023-01-10", 100))
    assert made("win_backs", {"transactions": orders}, a_run("2023-02-28")) == []


def test_a_cohort_pays_back_when_its_margin_covers_what_it_cost(engine: Any) -> None:
    orders = transactions(
        ("a", "2024-01-05", 100), ("b", "2024-01-20", 100), ("a", "2024-03-02", 400)
    )
    cost = {"cost_id": "1", "kind": "acquisition", "channel": "ads", "currency": "USD"}
    days = {"from_on": date(2024, 1, 5), "until_on": date(2024, 1, 31), "amount": 250}
    given_ones = {
        "transactions": orders,
        "costs": table("costs", [cost | days]),
        "customers": table("customers", [{"customer_id": c, "channel": "ads"} for c in "ab"]),
    }
    run = a_run("2024-03-31", margin=0.5)
    [everyone, ads] = made("acquisition_cohorts", given_ones, run, engine=engine)
    assert (everyone["channel"], ads["channel"]) == ("*", "ads")
    assert (ads["customers"], ads["cost"], ads["cac"]) == (
        2,
        pytest.approx(250),
        pytest.approx(125),
    )
    assert (ads["earned"], ads["payback_month"], ads["age_months"]) == (300.0, 2, 2)
