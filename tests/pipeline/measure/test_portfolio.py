"""All actions together: parts of the margin, curves, claims, the sum against the global control."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from kizuna.pipeline.steps import Step, discover, replaced, sql_step
from tiny_tables import Rows, a_run, made, table

STEPS = discover("measure")
DAY = date(2023, 1, 1)
AS_OF = "2024-06-30"
NAMES = (
    *("assignments", "actions", "experiments", "purchase_days", "returns", "contract_phases"),
    *("issue_contacts", "service_rates"),
)
EARLY = {"mail-0": 500.0, "mail-1": 400.0, "mail-2": 450.0, "mail-new": 600.0}


def place(experiment: str, customer: str, arm: str, on: date = DAY) -> dict[str, Any]:
    row = {"experiment_id": experiment, "customer_id": customer, "unit_id": customer}
    row |= {"version": 1, "arm": arm, "propensity": 0.5, "holdout": 0.5, "eligible_on": on}
    return row | {"contaminated": False, "predicted": 0.0}


def about(experiment: str, **values: Any) -> dict[str, Any]:
    row = {"experiment_id": experiment, "name": experiment, "kind": experiment.split("-")[0]}
    row |= {"horizon_days": 365, "started_on": DAY, "ended_on": DAY, "always_on": False}
    return row | {"planned_units": 1_000, "worth": 50.0} | values


def bought(customer: str, on: date, amount: int) -> dict[str, Any]:
    return {"customer_id": customer, "day": on, "orders": 1, "amount": amount}


def company(effects: dict[str, float], n: int = 800, seed: int = 1) -> dict[str, Rows]:
    """Give each experiment customers of its own, whose treated buy more by a known amount.

    An effect comes in the first 28 days, and half of it again by the end of a year.
    """
    rng = np.random.default_rng(seed)
    rows: dict[str, Rows] = {"assignments": [], "purchase_days": [], "actions": []}
    for name, lift in effects.items():
        start = date(2024, 4, 1) if name.endswith("new") else DAY
        for k in range(n):
            who, held = f"{name}/{k}", bool(rng.random() < 0.5)
            rows["assignments"].append(place(name, who, "control" if held else "treated", start))
            spent = rng.gamma(2.0, 400.0) + (0.0 if held else lift)
            rows["purchase_days"].append(bought(who, start + timedelta(days=5), int(spent)))
            late = rng.gamma(2.0, 40.0) + (0.0 if held else lift / 2)
            rows["purchase_days"].append(bought(who, start + timedelta(days=200), int(late)))
    for place_ in rows["assignments"]:
        if place_["arm"] != "control":
            row = {"action_id": place_["customer_id"], "experiment_id": place_["experiment_id"]}
            row |= {"customer_id": place_["customer_id"], "done_on": place_["eligible_on"]}
            rows["actions"].append(row | {"cost": 20, "discount": 10})
    return rows


def found(
    target: str,
    rows: dict[str, Rows],
    experiments: Rows,
    engine: Any = None,
    steps: tuple[Step, ...] = STEPS,
) -> Rows:
    given = {name: table(name, rows.get(name, [])) for name in NAMES}
    given |= {"experiments": table("experiments", experiments)}
    days = [row for row in rows.get("purchase_days", []) if row["day"] <= date(2024, 6, 30)]
    given |= {"purchase_days": table("purchase_days", days)}
    return made(target, given, a_run(AS_OF, margin=0.5), steps=steps, engine=engine)


@pytest.fixture(scope="module")
def mails() -> dict[str, Rows]:
    return company(EARLY)


def of(rows: Rows, **wanted: Any) -> dict[str, Any]:
    return next(row for row in rows if all(row[k] == v for k, v in wanted.items()))


def test_the_margin_is_told_part_by_part(engine: Any) -> None:
    rows = {"assignments": [place("mail", "a", "treated"), place("mail", "b", "control")]}
    rows["purchase_days"] = [bought("a", DAY, 1_000), bought("a", date(2023, 3, 1), 200)]
    rows["returns"] = [{"customer_id": "a", "day": date(2023, 1, 9), "amount": -100}]
    done = {"action_id": "1", "experiment_id": "mail", "customer_id": "a", "done_on": DAY}
    rows["actions"] = [done | {"cost": 7, "discount": 30}]
    contact = {"customer_id": "a", "day": date(2023, 1, 2), "channel": "phone", "minutes": 10.0}
    rows["issue_contacts"] = [contact]
    rows["service_rates"] = [{"channel": "*", "per_contact": 0.05, "per_minute": 0.01}]
    parts = found("effect_parts", rows, [about("mail")], engine)
    first = of(parts, horizon_days=28, arm="treated")
    assert (first["sales"], first["returned"], first["discount"]) == (500.0, -50.0, 30.0)
    assert first["service"] == pytest.approx(15.0)
    assert first["outcome"] == pytest.approx(500 - 50 - 30 - 15)
    assert first["contracts"] == pytest.approx(0.0)
    assert of(parts, horizon_days=90, arm="treated")["sales"] == 600.0
    assert of(parts, horizon_days=90, arm="control")["outcome"] == 0.0
    units = found("experiment_units", rows, [about("mail")], engine)
    treated = of(units, unit_id="a", horizon_days=28)
    assert (treated["outcome"], treated["cost"]) == (pytest.approx(405.0), 7.0)
    assert treated["deeds"] == 1


def test_the_curve_by_day_ends_where_the_horizons_stand(engine: Any) -> None:
    rows = company({"mail-0": 500.0}, n=300)
    experiments = [about("mail-0")]
    curve = found("effect_days", rows, experiments, engine)
    at = {row["day_no"]: row for row in curve}
    assert min(at) == 1
    assert max(at) == 364
    effects = found("effects", rows, experiments, engine)
    for days in (28, 364):
        whole = of(effects, horizon_days=min(days + 1, 365) if days > 28 else 28)
        assert at[days]["effect"] == pytest.approx(whole["plain_effect"])
    assert at[4]["effect"] == pytest.approx(-10.0)  # given away, and nothing bought yet
    few = {row["effect_low"] for row in curve}
    assert few == {None}  # fewer than 200 held out


def test_a_curve_of_many_holds_bounds_that_bear_looking_at_all_days() -> None:
    curve = found("effect_days", company({"mail-0": 500.0}, n=900), [about("mail-0")])
    last = curve[-1]
    assert last["effect_low"] < last["effect"] < last["effect_high"]


def test_what_is_told_to_date_has_bounds_and_no_verdict(mails: dict[str, Rows]) -> None:
    rows = found("effects", mails, [about(name) for name in EARLY])
    to_date = of(rows, experiment_id="mail-0", horizon_days=0)
    assert to_date["verdict"] == "early"
    assert to_date["effect_low"] < 0.5 * 750.0 - 10 < to_date["effect_high"]
    assert to_date["level"] == 0.95


def test_claims_that_chance_makes_do_not_stand_and_luck_is_drawn_back() -> None:
    lifts = {f"task-{k}": 0.0 for k in range(6)} | {"task-good": 300.0}
    claims = found("effect_claims", company(lifts, n=300), [about(name) for name in lifts])
    stand = {row["experiment_id"] for row in claims if row["stands"] and row["net_unit"] > 0}
    assert stand == {"task-good"}
    for row in claims:
        assert row["adjusted_p"] >= row["p"]
        assert row["shrunk_low"] < row["shrunk"] < row["shrunk_high"]
    lucky = max((r for r in claims if r["experiment_id"] != "task-good"), key=lambda r: r["p"])
    assert lucky["kind"] == "task"


def test_the_sum_of_claims_is_held_against_the_global_control() -> None:
    rows = company({"mail-0": 500.0, "mail-1": 500.0}, n=900)
    # chance left another fifth alone altogether; what the programme really earned is half of it
    everyone = [row["customer_id"] for row in rows["assignments"] if row["arm"] != "control"]
    rng = np.random.default_rng(3)
    for k in range(900):
        rows["assignments"].append(place("global-2023-01", f"g{k}", "control"))
        rows["purchase_days"].append(bought(f"g{k}", DAY, int(rng.gamma(2.0, 400.0)) + 750))
    for who in everyone:
        rows["assignments"].append(place("global-2023-01", who, "treated"))
    turn = about("global-2023-01", kind="global")
    experiments = [about("mail-0"), about("mail-1"), turn]
    sums = found("effect_portfolio", rows, experiments)
    row = of(sums, horizon_days=0)
    assert row["actions"] == 2
    assert row["claimed"] - row["whole"] == pytest.approx(row["excess"])
    assert row["overclaimed"]
    alone = found("effect_portfolio", rows, experiments[:2])
    assert of(alone, horizon_days=0)["whole"] is None
    claims = found("effect_claims", rows, experiments)
    assert {row["experiment_id"] for row in claims} == {"mail-0", "mail-1"}


def test_a_projection_needs_three_completed_holdouts_of_its_kind(mails: dict[str, Rows]) -> None:
    (shown,) = found("effect_projections", mails, [about(name) for name in EARLY])
    assert (shown["experiment_id"], shown["holdouts"]) == ("mail-new", 3)
    # half of what comes early comes again, less what was given away at once
    assert shown["factor"] == pytest.approx(1.5, abs=0.15)
    assert shown["projected_low"] < 0.5 * 600 * 1.5 - 10 < shown["projected_high"]
    two = [about(name) for name in EARLY if name != "mail-2"]
    (withheld,) = found("effect_projections", mails, two)
    assert (withheld["holdouts"], withheld["projected"]) == (2, None)


def broken(name: str, text: str, instead: str) -> tuple[Step, ...]:
    """Give the steps with a fault in one."""
    sql = next(step.sql for step in STEPS if step.name == name)
    assert sql is not None
    assert text in sql
    return replaced(STEPS, sql_step(name, sql.replace(text, instead)))


def whom_it_could_reach(n: int = 400) -> dict[str, Rows]:
    """An action that does nothing, and reaches only customers who buy much anyway."""
    rng = np.random.default_rng(5)
    rows: dict[str, Rows] = {"assignments": [], "purchase_days": [], "actions": []}
    for k in range(n):
        who, held, spent = str(k), k % 2 == 0, float(rng.gamma(2.0, 400.0))
        rows["assignments"].append(place("mail-0", who, "control" if held else "treated"))
        rows["purchase_days"].append(bought(who, DAY, int(spent)))
        if not held and spent > 700:
            done = {"action_id": who, "experiment_id": "mail-0", "customer_id": who}
            rows["actions"].append(done | {"done_on": DAY, "cost": 1, "discount": 0})
    return rows


def test_all_who_were_eligible_count_whether_reached_or_not() -> None:
    rows, experiments = whom_it_could_reach(), [about("mail-0")]
    row = of(found("effects", rows, experiments), horizon_days=90)
    assert row["effect_low"] < 0 < row["effect_high"]
    assert 0 < row["reached"] < row["treated"]
    whole = "FROM experiment_units\n"
    reached = "FROM experiment_units WHERE deeds > 0 OR arm = 'control'\n"
    wrong = broken("effect_sums", whole, reached)
    assert of(found("effects", rows, experiments, steps=wrong), horizon_days=90)["effect_low"] > 0


def test_days_that_are_not_over_do_not_count() -> None:
    late = place("mail-0", "late", "treated", date(2024, 6, 20))
    rows: dict[str, Rows] = {"assignments": [late, place("mail-0", "b", "control")]}
    units = found("experiment_units", rows, [about("mail-0")])
    assert [u["horizon_days"] for u in units if u["unit_id"] == "late"] == [0]
    wrong = broken("experiment_units", "ON units.age >= horizons.horizon_days", "ON TRUE")
    early = found("experiment_units", rows, [about("mail-0")], steps=wrong)
    assert len([u for u in early if u["unit_id"] == "late"]) == 5


def test_of_several_arms_each_pair_is_compared_too() -> None:
    rows = company({"mail-0": 300.0}, n=900)
    for k, row in enumerate(r for r in rows["assignments"] if r["arm"] != "control"):
        row["arm"] = "ab"[k % 2]
    pairs = {(r["arm"], r["against"]) for r in found("effects", rows, [about("mail-0")])}
    assert pairs == {("a", "control"), ("b", "control"), ("*", "control"), ("a", "b")}
    (claim,) = found("effect_claims", rows, [about("mail-0")])
    assert claim["arm"] == "*"
