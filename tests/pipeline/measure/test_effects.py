"""From assignments, actions and orders to what an action earned: only days that are over count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from kizuna.pipeline.steps import discover
from tiny_tables import Rows, a_run, made, table

STEPS = discover("measure")
DAY = date(2024, 3, 1)


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def assigned(customer: str, arm: str, **values: Any) -> dict[str, Any]:
    row = {"experiment_id": "mail", "customer_id": customer, "unit_id": customer, "version": 1}
    row |= {"arm": arm, "propensity": 0.5, "holdout": 0.5, "eligible_on": DAY}
    return row | {"contaminated": False, "predicted": 0.0} | values


def bought(customer: str, days: int, amount: int) -> dict[str, Any]:
    return {"customer_id": customer, "day": on(days), "orders": 1, "amount": amount}


def experiment(**values: Any) -> dict[str, Any]:
    row = {"experiment_id": "mail", "kind": "mail", "started_on": DAY, "ended_on": DAY}
    row |= {"horizon_days": 90}
    return row | {"always_on": False, "planned_units": 1_000} | values


def inputs(**rows: Rows) -> dict[str, pa.Table]:
    names = ("assignments", "actions", "experiments", "purchase_days", "returns", "contract_phases")
    names += ("issue_contacts", "service_rates")
    return {name: table(name, rows.get(name, [])) for name in names}


def units(as_of: str, engine: Any = None, **rows: Rows) -> Rows:
    run = a_run(as_of, margin=0.5)
    found = made("experiment_units", inputs(**rows), run, steps=STEPS, engine=engine)
    return [row for row in found if row["horizon_days"]]


def test_margin_after_and_before_eligibility_is_summed_by_horizon(engine: Any) -> None:
    found = units(
        "2024-05-29",  # 90 days, the day of eligibility among them
        engine,
        assignments=[assigned("a", "treated", predicted=70.0), assigned("b", "control")],
        purchase_days=[
            *(bought("a", -28, 100), bought("a", -29, 1_000), bought("a", 0, 200)),
            *(bought("a", 27, 40), bought("a", 28, 6), bought("a", 90, 9_999)),
        ],
        returns=[{"customer_id": "a", "day": on(5), "amount": -20}],
        actions=[
            {
                "action_id": "1",
                "experiment_id": "mail",
                "customer_id": "a",
                "done_on": on(3),
                "cost": 7,
            },
            {
                "action_id": "2",
                "experiment_id": "mail",
                "customer_id": "a",
                "done_on": on(60),
                "cost": 5,
            },
            {
                "action_id": "3",
                "experiment_id": "other",
                "customer_id": "a",
                "done_on": DAY,
                "cost": 99,
            },
        ],
    )
    first, second = (row for row in found if row["unit_id"] == "a")
    assert (first["horizon_days"], first["outcome"], first["past"]) == (28, 110.0, 50.0)
    assert (second["horizon_days"], second["outcome"], second["past"]) == (90, 113.0, 550.0)
    assert (first["cost"], second["cost"], first["predicted"]) == (7.0, 12.0, 70.0)
    nothing = [row["outcome"] for row in found if row["unit_id"] == "b"]
    assert nothing == [0.0, 0.0]


def test_contracts_count_by_the_day(engine: Any) -> None:
    term = {"contract_id": "c", "customer_id": "a", "product": "p", "currency": "USD"}
    term |= {"priced_on": on(-10), "amount": 30_437_500, "billing_months": 1, "seats": None}
    term |= {"mrr": 30_437_500, "remainder": 0}
    found = units(
        "2024-03-28",
        engine,
        assignments=[assigned("a", "treated")],
        contract_phases=[
            term | {"from_on": on(-10), "until_on": on(4)},
            term | {"from_on": on(20), "until_on": None},
        ],
    )
    # days 0 to 4 and 20 to 27 after, 10 before, at a margin of a half
    assert found[0]["outcome"] == pytest.approx(13 * 500_000.0)
    assert found[0]["past"] == pytest.approx(10 * 500_000.0)


def test_colleagues_are_one_unit_from_the_day_of_the_first() -> None:
    found = units(
        "2024-03-28",
        assignments=[
            assigned("a", "treated", unit_id="acme"),
            assigned("b", "treated", unit_id="acme", eligible_on=on(20)),
            assigned("late", "control", eligible_on=on(1)),
        ],
        purchase_days=[bought("a", 2, 10), bought("b", 3, 30)],
    )
    assert [(row["unit_id"], row["outcome"]) for row in found] == [("acme", 20.0)]


def test_arms_that_a_merge_made_one_are_marked() -> None:
    rows = [assigned("a", "treated", unit_id="u"), assigned("b", "control", unit_id="u")]
    assert [row["contaminated"] for row in units("2024-03-28", assignments=rows)] == [True]


def shop(n: int, lift: float, *, seed: int = 1, lost: float = 0.0) -> dict[str, Rows]:
    """A shop whose treated buy more by a known amount."""
    rng = np.random.default_rng(seed)
    usual = rng.gamma(1.0, 8_000.0, n)
    held = rng.random(n) < 0.5
    seen = held | (rng.random(n) >= lost)
    spent = usual * rng.gamma(2.0, 0.5, n) + np.where(held, 0.0, lift)
    who = [f"c{k}" for k in range(n) if seen[k]]
    rows = np.flatnonzero(seen)
    places = [
        assigned(c, "control" if held[k] else "treated", predicted=float(usual[k]))
        for c, k in zip(who, rows, strict=True)
    ]
    orders = [bought(c, 5, int(spent[k])) for c, k in zip(who, rows, strict=True)]
    done = [
        {"action_id": c, "experiment_id": "mail", "customer_id": c, "done_on": DAY, "cost": 100}
        for c, k in zip(who, rows, strict=True)
        if not held[k]
    ]
    return {"assignments": places, "purchase_days": orders, "actions": done}


def effects(as_of: str, rows: dict[str, Rows], **about: Any) -> Rows:
    given = inputs(**rows, experiments=[experiment(**about)])
    found = made("effects", given, a_run(as_of, margin=0.5), steps=STEPS)
    return [row for row in found if row["horizon_days"]]


def test_the_effect_holds_the_truth_and_says_what_came_back() -> None:
    (found,) = effects("2024-03-28", shop(3_000, 2_000.0))
    assert found["effect_low"] < 1_000.0 < found["effect_high"]
    assert (found["verdict"], found["unit_cost"]) == ("earns", 100.0)
    assert found["variance_removed"] > 0.5
    assert found["roi"] == pytest.approx(found["effect"] / 100.0 - 1.0)
    assert found["net"] == pytest.approx((found["effect"] - 100.0) * found["treated"])
    assert found["relative_low"] < found["relative"] < found["relative_high"]
    assert found["effect_uncontaminated"] == pytest.approx(found["effect"])
    assert found["sample_ratio_p"] > 0.001


def test_a_useless_action_is_called_useless_and_a_harmful_one_harmful() -> None:
    (useless,) = effects("2024-03-28", shop(3_000, 0.0), worth=600.0)
    (harmful,) = effects("2024-03-28", shop(3_000, -2_000.0))
    assert (useless["verdict"], harmful["verdict"]) == ("useless", "harms")


def test_too_few_customers_are_told_how_many_more_it_takes() -> None:
    (found,) = effects("2024-03-28", shop(60, 500.0), worth=250.0)
    assert found["verdict"] == "unknown"
    assert found["more_units"] > 500
    # 60 came in the last four weeks
    assert found["more_weeks"] == pytest.approx(found["more_units"] / 15)


def test_before_its_end_there_is_no_verdict() -> None:
    (going_on,) = effects("2024-03-28", shop(3_000, 2_000.0), ended_on=None)
    (not_over,) = effects("2024-03-28", shop(3_000, 2_000.0), ended_on=on(1))
    assert going_on["verdict"] == not_over["verdict"] == "early"
    assert going_on["effect"] is not None
    assert going_on["effect_low"] is None


def test_a_holdout_always_on_is_read_by_a_sequence() -> None:
    rows = shop(3_000, 2_000.0)
    (always,) = effects("2024-03-28", rows, always_on=True, ended_on=None)
    (once,) = effects("2024-03-28", rows)
    assert always["level"] == 0.95
    assert always["effect_high"] - always["effect_low"] > 1.5 * (
        once["effect_high"] - once["effect_low"]
    )
    few = shop(300, 2_000.0)
    (early,) = effects("2024-03-28", few, always_on=True, ended_on=None)
    assert (early["verdict"], early["effect_low"]) == ("early", None)


def test_arms_that_lost_customers_show_no_effect() -> None:
    (found,) = effects("2024-03-28", shop(3_000, 2_000.0, lost=0.3))
    assert (found["verdict"], found["effect"]) == ("mismatch", None)


def test_before_the_days_are_over_there_is_no_row() -> None:
    assert effects("2024-03-27", shop(50, 0.0)) == []  # but for what is told to date


def test_without_experiments_there_is_nothing_to_say() -> None:
    assert made("effects", inputs(), a_run("2024-03-28"), steps=STEPS) == []


def test_strata_with_other_shares_do_not_pass_for_an_effect() -> None:
    rich = shop(1_000, 0.0)
    for row in rich["purchase_days"]:
        row["amount"] += 200_000
    for row in rich["assignments"]:
        row["stratum"] = "gold"
    poor = shop(3_000, 0.0, seed=2)
    for name in ("assignments", "purchase_days", "actions"):
        for row in poor[name]:
            row["customer_id"] += "p"
            row["unit_id"] = row["action_id"] = row["customer_id"]
    # of the poor, half of those held out never were: shares differ between the strata
    held = [r["customer_id"] for r in poor["assignments"] if r["arm"] == "control"]
    gone = set(held[::2])
    poor = {k: [r for r in v if r["customer_id"] not in gone] for k, v in poor.items()}
    for row in poor["assignments"]:
        row["holdout"] = 1 / 3
    (found,) = effects("2024-03-28", {k: rich[k] + poor[k] for k in rich})
    assert found["effect_low"] < 0.0 < found["effect_high"]
    assert found["effect_high"] - found["effect_low"] < 3_000
