"""The forecast of recurring revenue: what is bound, what is expected, what then came, the tail."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from kizuna.experience.book import Chance, Group, expected, simulated
from kizuna.pipeline.business_days import months_after
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know.forecast_parts import forecast_parts
from kizuna.pipeline.know.revenue_forecasts import revenue_forecasts
from tiny_tables import Rows, a_run, made, table

AS_OF = "2024-06-30"


def contract(number: str, start: str, amount: int = 100, **more: Any) -> dict[str, Any]:
    days = {k: date.fromisoformat(v) for k, v in more.items() if k.endswith("_on")}
    said = {"contract_id": number, "customer_id": number, "amount": amount}
    usual = {"started_on": date.fromisoformat(start), "billing_months": 1, "currency": "JPY"}
    return usual | said | more | days


def of(name: str, *contracts: dict[str, Any], as_of: str = AS_OF, engine: Any = None) -> Rows:
    inputs = {
        "contracts": table("contracts", list(contracts)),
        "contract_changes": table("contract_changes", []),
    }
    return made(name, inputs, a_run(as_of), engine=engine)


def of_last_day(rows: Rows) -> list[tuple[int, int, bool, int]]:
    last = max(row["made_on"] for row in rows)
    names = ("term_months", "months_left", "ending", "mrr")
    return [tuple(r[n] for n in names) for r in rows if r["made_on"] == last]


@pytest.mark.parametrize(
    ("start", "left"),
    [("2024-06-01", 11), ("2024-06-30", 11), ("2023-07-01", 0), ("2023-08-02", 1)],
)
def test_a_term_binds_through_the_last_month_that_it_fills(
    start: str, left: int, engine: Any
) -> None:
    rows = of("contract_book", contract("1", start, term_months=12), engine=engine)
    assert of_last_day(rows) == [(12, left, False, 100)]


def test_notice_is_known_from_the_day_on_which_it_was_given() -> None:
    leaves = contract("1", "2023-01-01", ended_on="2024-07-31", cancelled_on="2024-03-15")
    told = {row["made_on"]: row for row in of("contract_book", leaves)}
    assert told[date(2024, 2, 29)]["ending"] is False
    assert (told[date(2024, 3, 31)]["ending"], told[date(2024, 3, 31)]["months_left"]) == (True, 4)


def test_what_is_bound_never_exceeds_what_is_expected() -> None:
    rows = of("revenue_forecasts", *company(60))
    assert rows
    assert all(r["committed"] <= r["expected"] + 1e-6 for r in rows)
    assert all(r["expected_low"] <= r["expected_high"] for r in rows)
    assert {r["months_ahead"] for r in rows} == set(range(1, 13))


def test_a_forecast_made_from_a_past_day_is_that_of_the_day() -> None:
    contracts = company(60)
    then = "2024-03-31"
    known = [c for c in contracts if c["started_on"] <= date.fromisoformat(then)]
    known = [
        c | ({} if c["cancelled_on"] and c["cancelled_on"] <= date(2024, 3, 31) else OPEN)
        for c in known
    ]
    names = ("month", "committed", "expected")
    back = [
        tuple(r[n] for n in names)
        for r in of("revenue_forecasts", *contracts)
        if f"{r['made_on']}" == then
    ]
    day = [
        tuple(r[n] for n in names)
        for r in of("revenue_forecasts", *known, as_of=then)
        if f"{r['made_on']}" == then
    ]
    assert back == day


OPEN = {"ended_on": None, "cancelled_on": None}


def company(
    count: int, keeps: float = 0.93, *, seed: int = 5, notice: int = 10, **same: Any
) -> list[dict[str, Any]]:
    """Contracts, some with terms; notice is given some days before the end."""
    rng, last = np.random.default_rng(seed), date.fromisoformat(AS_OF)
    found = []
    for number in range(count):
        start = date(2022, 7, 1) + timedelta(days=int(rng.integers(0, 500)))
        step, ended = (12, 1, 1)[number % 3], None
        for k in range(1, 40):
            end = months_after(start, k * step) - timedelta(days=1)
            if end - timedelta(days=notice) > last:
                break
            if rng.random() > (keeps if step == 1 else 0.7):
                ended = end
                break
        one = contract(f"{seed}-{number}", f"{start}", 100 + number, term_months=12 * (step == 12))
        told = ended - timedelta(days=notice) if ended else None
        found.append(one | {"ended_on": ended, "cancelled_on": told} | same)
    return found


COMPANIES = 20


@pytest.fixture(scope="module")
def told() -> tuple[Rows, Rows]:
    """What is forecast of companies, each in a currency of its own; and if notice is forgotten."""
    contracts = [
        c for n in range(COMPANIES) for c in company(90, seed=n, notice=25, currency=f"C{n:02}")
    ]
    engine = Engine(threads=2)
    good = of("revenue_forecasts", *contracts, engine=engine)
    names = ("book_actuals", "contract_book", "contract_survival")
    tables = [engine.table(name) for name in names]
    forgetful = tables[2].filter(pc.equal(tables[2]["months_ahead"], 0))
    bad = revenue_forecasts(*tables[:2], forgetful, run=a_run(AS_OF)).to_pylist()
    return good, bad


def within(rows: Rows) -> float:
    """Share of what came that lies in its interval."""
    known = [r for r in rows if r["actual"] is not None]
    inside = [r["expected_low"] <= r["actual"] <= r["expected_high"] for r in known]
    return float(np.mean(inside))


def bias(rows: Rows, months: int) -> float:
    known = [r for r in rows if r["actual"] is not None and r["months_ahead"] == months]
    return sum(r["actual"] for r in known) / sum(r["expected"] for r in known) - 1


def test_nine_of_ten_outcomes_lie_within_the_interval(told: tuple[Rows, Rows]) -> None:
    assert 0.85 < within(told[0]) < 0.95
    assert abs(bias(told[0], 1)) < 0.01
    assert abs(bias(told[0], 6)) < 0.03


def test_notice_is_not_counted_twice(told: tuple[Rows, Rows]) -> None:
    good, twice = (bias(rows, 1) for rows in told)
    assert twice > 0.02 > abs(good)


def test_one_renewal_of_one_is_no_certainty() -> None:
    assert Chance.of(1, 1, 1, 1).mean == pytest.approx(2 / 3)
    assert Chance.of(50, 45, 50, 45).mean == pytest.approx(46 / 52)


def test_what_came_is_near_what_was_expected() -> None:
    rows = [r for r in of("revenue_forecasts", *company(300)) if r["actual"] is not None]
    assert len(rows) > 50
    errors = [r["actual"] / r["expected"] - 1 for r in rows]
    assert np.mean(np.abs(errors)) < 0.06
    assert all(r["committed"] <= r["actual"] for r in rows)


def test_growth_is_not_what_was_forecast() -> None:
    grown = contract("1", "2023-01-01", term_months=1)
    more = contract("2", "2024-02-01", 900) | {"customer_id": "1"}
    rows = of("book_actuals", grown, more)
    then = [r["mrr"] for r in rows if r["made_on"] < date(2024, 2, 1)]
    assert (set(then), rows[-1]["mrr"]) == ({100}, 1_000)


def test_the_parts_and_the_contracts_of_a_forecast_add_up_to_it() -> None:
    engine = Engine(threads=2)
    forecasts = of("revenue_forecasts", *company(60, notice=25), engine=engine)
    rows = {name: engine.table(name).to_pylist() for name in ("contract_book", "running_contracts")}
    given_ones = [engine.table(name) for name in ("contract_book", "contract_survival")]
    parts = forecast_parts(*given_ones, run=a_run(AS_OF)).to_pylist()
    for row in forecasts:
        own = [p for p in parts if (p["made_on"], p["month"]) == (row["made_on"], row["month"])]
        assert sum(p["committed"] for p in own) == row["committed"]
        assert sum(p["expected"] for p in own) == pytest.approx(row["expected"])
    for part in rows["contract_book"]:
        kept = ("currency", "made_on", "term_months", "months_left", "ending")
        own = [r for r in rows["running_contracts"] if all(r[k] == part[k] for k in kept)]
        assert (len(own), sum(r["mrr"] for r in own)) == (part["contracts"], part["mrr"])


def test_where_nothing_ever_came_to_an_end_nothing_is_forecast() -> None:
    assert of("revenue_forecasts", contract("1", "2024-06-01", term_months=12)) == []
    [row] = of("contract_risks", contract("1", "2024-06-01", term_months=12))
    assert (row["value"], row["expected_loss"]) == (1_200, None)


def test_both_definitions_of_value_at_risk_are_told_apart() -> None:
    [row] = of("contract_risks", *company(60))
    assert row["value"] - row["expected_value"] == pytest.approx(row["expected_loss"])
    assert row["expected_value"] - row["tail_value"] == pytest.approx(row["tail_loss"])
    assert 0 < row["tail_loss"] < row["value"]


def test_the_mean_of_what_is_drawn_is_what_is_expected() -> None:
    groups = [Group(900, 900 * 10, 1, 0, Chance(30, 2)), Group(500, 5_000, 12, 3, Chance(7, 3))]
    drawn = simulated(groups, 12, np.random.default_rng(1), 20_000).mean(axis=0)
    assert drawn == pytest.approx(expected(groups, 12), rel=0.01)


def test_who_is_bound_is_not_asked_to_renew() -> None:
    group = Group(100, 10_000, 12, 5, Chance(1, 1))
    assert [group.renewals(h) for h in (1, 5, 6, 17, 18)] == [0, 0, 1, 1, 2]


def test_what_a_publication_forecast_stands_beside_what_came(engine: Any) -> None:
    def said(number: int, month: str, expected: float) -> dict[str, Any]:
        row = {"currency": "JPY", "publication": number, "made_on": date(2024, 3, 10)}
        bounds = {"expected_low": 150.0, "expected_high": 250.0, "committed": 100}
        days = {"month": date.fromisoformat(month), "months_ahead": 1}
        return row | bounds | days | {"expected": expected}

    contracts = [
        contract("stays", "2023-01-01", term_months=12),
        contract("leaves", "2023-01-01", ended_on="2024-05-31", cancelled_on="2024-05-01"),
        contract("later", "2024-04-01"),
    ]
    inputs = {
        "contracts": table("contracts", contracts),
        "contract_changes": table("contract_changes", []),
        "revenue_forecasts": table("revenue_forecasts", []),
        "revenue_log": table(
            "revenue_log",
            [
                *(said(4, "2024-04-01", 200.0), said(4, "2024-06-01", 200.0)),
                *(said(5, "2024-04-01", 999.0), said(4, "2024-07-01", 200.0)),
            ],
        ),
    }
    rows = made("revenue_accuracy", inputs, a_run(AS_OF), engine=engine)
    told = [(f"{r['month']}", r["publication"], r["actual"], r["error"], r["inside"]) for r in rows]
    assert told == [
        ("2024-04-01", 4, 200, 0.0, True),  # the first one of the day; who came later is left out
        ("2024-06-01", 4, 100, -0.5, False),
        ("2024-07-01", 4, None, None, None),
    ]
    (report,) = made("revenue_accuracy_report", inputs, a_run(AS_OF))
    assert (report["forecasts"], report["mean_error"], report["bias"], report["inside"]) == (
        *(2, 0.25, -0.25),
        0.5,
    )
