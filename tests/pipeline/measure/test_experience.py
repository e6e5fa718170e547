"""What a point is worth: an association is called one, an experiment holds the truth."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from kizuna.pipeline.steps import discover
from tiny_tables import Rows, a_run, made, table

STEPS = discover("measure")
AS_OF = date(2024, 12, 31)
DAY = date(2024, 6, 30)
TRUTH = 4.0
"""What a point less effort is worth in 90 days."""


def points_of(**values: Any) -> dict[str, Rows]:
    names = ("fact_panel", "health_trail", "purchase_days", "returns", "contract_phases")
    return {name: [] for name in names} | values


def found_points(engine: Any, given: dict[str, Rows]) -> Rows:
    tables = {name: table(name, rows) for name, rows in given.items()}
    run = a_run(str(AS_OF), margin=0.5)
    return made("experience_points", tables, run, steps=STEPS, engine=engine)


def test_margin_after_a_month_end_is_told_beside_what_was_known_on_it(engine: Any) -> None:
    panel = {"customer_id": "ann", "day": DAY, "effort_90d": 40.0, "nps": 9.0, "nps_days_ago": 20}
    panel |= {"days_since_purchase": 10, "mrr": None}
    orders = [(-400, 10), (-100, 100), (-10, 60), (0, 2), (1, 200), (90, 20), (91, 7_000)]
    bought = [
        {"customer_id": "ann", "day": DAY + timedelta(days=at), "orders": 1, "amount": amount}
        for at, amount in orders
    ]
    back = [{"customer_id": "ann", "day": DAY + timedelta(days=30), "amount": -40}]
    health = {"customer_id": "ann", "day": DAY, "health": 71.0}
    given = points_of(fact_panel=[panel], purchase_days=bought, returns=back, health_trail=[health])
    (row,) = found_points(engine, given)
    assert (row["effort"], row["health"], row["nps"]) == (40.0, 71.0, 9.0)
    assert (row["after_90d"], row["after_365d"]) == (90.0, None)  # (200 + 20 − 40) × 0.5
    assert (row["past_90d"], row["past_365d"]) == (31.0, 81.0)
    assert (row["orders_365d"], row["tenure_days"]) == (3.0, 400.0)


def test_contracts_count_by_the_day_on_both_sides_of_a_month_end(engine: Any) -> None:
    day = date(2023, 6, 30)
    panel = {"customer_id": "co", "day": day, "nps": 3.0, "nps_days_ago": 400, "mrr": 30_437_500}
    phase = {"customer_id": "co", "from_on": day - timedelta(days=99), "mrr": 30_437_500}
    phase |= {"until_on": day + timedelta(days=100)}
    given = points_of(fact_panel=[panel | {"effort_90d": 10.0}])
    given["contract_phases"] = [phase]
    (row,) = found_points(engine, given)
    assert row["nps"] is None  # older than a year
    assert (row["after_90d"], row["after_365d"]) == (pytest.approx(45e6), pytest.approx(50e6))
    assert (row["past_90d"], row["past_365d"]) == (pytest.approx(45e6), pytest.approx(50e6))
    assert row["tenure_days"] == 99.0


def test_days_that_are_not_over_and_customers_without_a_score_tell_nothing(engine: Any) -> None:
    late = {"customer_id": "ann", "day": AS_OF - timedelta(days=89), "effort_90d": 40.0}
    silent = {"customer_id": "bob", "day": DAY, "effort_90d": None}
    assert found_points(engine, points_of(fact_panel=[late, silent])) == []


def moves_world(engine: Any, **panel: Any) -> Rows:
    on = date(2024, 1, 10)
    placed = {"experiment_id": "a", "customer_id": "ann", "unit_id": "ann", "version": 1}
    placed |= {"arm": "treated", "propensity": 0.5, "holdout": 0.5, "eligible_on": on}
    unit = {"experiment_id": "a", "unit_id": "ann", "horizon_days": 90, "arm": "treated"}
    unit |= {"stratum": "1/", "contaminated": False, "outcome": 5.0, "predicted": 1.0}
    unit |= {"past": 2.0, "cost": 0.0, "deeds": 1}
    days = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]
    told = [
        {"customer_id": "ann", "day": day, "effort_90d": 10.0 * at} | panel
        for at, day in enumerate(days)
    ]
    rows = {"assignments": [placed | {"contaminated": False, "predicted": 1.0}]}
    rows |= {"experiment_units": [unit, unit | {"horizon_days": 28}], "fact_panel": told}
    given = {name: table(name, data) for name, data in (rows | {"health_trail": []}).items()}
    return made("experience_moves", given, a_run(str(AS_OF)), steps=STEPS, engine=engine)


def test_scores_of_an_experiment_are_those_of_its_days_once_they_can_have_moved(
    engine: Any,
) -> None:
    (row,) = moves_world(engine)
    assert (row["horizon_days"], row["effort"]) == (90, 15.0)  # of February and March
    assert (row["outcome"], row["predicted"], row["past"]) == (5.0, 1.0, 2.0)


def test_an_answer_from_before_eligibility_is_none_of_the_experiment(engine: Any) -> None:
    assert moves_world(engine, nps=9.0, nps_days_ago=100)[0]["nps"] is None
    assert moves_world(engine, nps=9.0, nps_days_ago=5)[0]["nps"] == 9.0


def confounded(rng: np.random.Generator, customers: int = 1_500) -> Rows:
    """Something unseen makes customers both patient and generous; effort does TRUTH a point."""
    rows: Rows = []
    for k in range(customers):
        unseen, past = rng.normal(), rng.gamma(2.0, 100.0)
        for month in (date(2024, 1, 31), date(2024, 2, 29)):
            effort = 40.0 - 8.0 * unseen + rng.normal(0.0, 6.0)
            after = 2_000 + past + 150.0 * unseen - TRUTH * effort + rng.normal(0.0, 80.0)
            row = {"customer_id": f"c{k:05}", "day": month, "effort": effort, "after_90d": after}
            rows.append(row | {"past_90d": past, "past_365d": 3 * past, "orders_365d": 2.0})
    return rows


def tried(rng: np.random.Generator, moves: float, units: int = 4_000) -> Rows:
    """Half of the customers get an action that takes effort away, and by it alone moves margin."""
    rows: Rows = []
    for k in range(units):
        unseen, past, held = rng.normal(), rng.gamma(2.0, 100.0), bool(rng.random() < 0.5)
        effort = 40.0 - 8.0 * unseen + rng.normal(0.0, 6.0) - (0.0 if held else moves)
        outcome = 2_000 + past + 150.0 * unseen - TRUTH * effort + rng.normal(0.0, 80.0)
        row = {"experiment_id": "call", "unit_id": f"u{k:05}", "horizon_days": 90}
        row |= {"arm": "control" if held else "treated", "stratum": "1/", "effort": effort}
        rows.append(row | {"outcome": outcome, "predicted": 0.0, "past": past})
    return rows


def looked(**values: Any) -> dict[str, Any]:
    row = {"experiment_id": "call", "arm": "treated", "against": "control", "horizon_days": 90}
    row |= {"verdict": "earns", "effect_low": 20.0, "effect_high": 40.0, "error": 10 / 1.6448536}
    return row | {"treated": 2_000, "control": 2_000, "reached": 2_000} | values


def worth(points: Rows, moves: Rows, **values: Any) -> dict[tuple[str, str, int], dict[str, Any]]:
    about = {"experiment_id": "call", "name": "call", "kind": "task", "horizon_days": 90}
    about |= {"started_on": DAY, "ended_on": None, "always_on": False, "planned_units": 4_000}
    n = {"experiment_id": "call", "units": 4_000, "controls": 2_000, "expected_controls": 2_000.0}
    rows = {"experience_points": points, "experience_moves": moves, "effects": [looked(**values)]}
    rows |= {"experiments": [about], "experiment_counts": [n]}
    given = {name: table(name, data) for name, data in rows.items()}
    found = made("experience_worth", given, a_run(str(AS_OF)), steps=STEPS)
    return {(row["score"], row["evidence"], row["horizon_days"]): row for row in found}


@pytest.fixture(scope="module")
def world() -> dict[tuple[str, str, int], dict[str, Any]]:
    return worth(confounded(np.random.default_rng(1)), tried(np.random.default_rng(2), 10.0))


def test_a_planted_confounder_biases_the_association_and_it_is_called_one(world: Any) -> None:
    row = world["effort", "association", 90]
    assert (row["state"], row["customers"], row["points"]) == ("known", 1_500, 3_000)
    assert row["per_point_low"] > 2 * TRUTH  # far off, and sure of it: it is no proof


def test_the_ratio_of_an_experiment_holds_the_truth(world: Any) -> None:
    row = world["effort", "experiment", 90]
    assert row["state"] == "known"
    assert row["moved_low"] < 10.0 < row["moved_high"]
    assert row["per_point_low"] < TRUTH < row["per_point_high"] < 2 * TRUTH
    assert row["per_year"] == pytest.approx(row["per_point"] * 365 / 90)


def test_association_and_experiment_are_never_one_number(world: Any) -> None:
    rows = [row for row in world.values() if row["per_point"] is not None]
    assert {(row["evidence"], row["experiment_id"]) for row in rows} == {
        ("association", ""),
        ("experiment", "call"),
    }


def test_a_score_that_no_action_moved_clearly_has_no_ratio() -> None:
    row = worth([], tried(np.random.default_rng(3), 0.1))["effort", "experiment", 90]
    assert (row["state"], row["per_point"]) == ("still", None)


@pytest.mark.parametrize("early", [{"verdict": "early"}, {"effect_low": None}])
def test_an_experiment_at_which_nobody_may_look_yet_tells_nothing(early: dict[str, Any]) -> None:
    found = worth([], tried(np.random.default_rng(3), 10.0, 300), **early)
    assert ("effort", "experiment", 90) not in found


def test_where_one_arm_is_known_more_often_nothing_is_told() -> None:
    rows = tried(np.random.default_rng(3), 10.0, 1_000)
    lost = [row for k, row in enumerate(rows) if row["arm"] == "treated" or k % 3]
    assert worth([], lost)["effort", "experiment", 90]["state"] == "uneven"


def test_an_interval_that_holds_at_any_look_makes_the_ratio_wider(world: Any) -> None:
    moves = tried(np.random.default_rng(2), 10.0)
    wide = worth([], moves, effect_low=10.0, effect_high=50.0)["effort", "experiment", 90]
    once = world["effort", "experiment", 90]
    assert wide["per_point"] == pytest.approx(once["per_point"])
    ends = [row["per_point_high"] - row["per_point_low"] for row in (wide, once)]
    assert 1.8 < ends[0] / ends[1] < 2.5


def test_too_few_customers_tell_nothing() -> None:
    row = worth(confounded(np.random.default_rng(1), 150), [])["effort", "association", 90]
    assert (row["state"], row["customers"], row["per_point"]) == ("few", 150, None)


def test_errors_are_by_customer() -> None:
    """The same customers told ten times over are not known ten times better."""
    once = confounded(np.random.default_rng(4), 400)
    days = [date(2023, m, 28) for m in range(1, 11)]
    often = [row | {"day": day} for row in once if row["day"].month == 1 for day in days]
    single = [row for row in once if row["day"].month == 1]
    wide = [
        row["per_point_high"] - row["per_point_low"]
        for rows in (single, often)
        for row in [worth(rows, [])["effort", "association", 90]]
    ]
    assert wide[1] == pytest.approx(wide[0], rel=0.02)


def test_without_a_confounder_nine_of_ten_intervals_hold_the_truth() -> None:
    held = 0
    for seed in range(40):
        rng, rows = np.random.default_rng(seed), []
        for k in range(300):
            effort, past = rng.normal(40.0, 8.0), rng.gamma(2.0, 100.0)
            after = past - TRUTH * (effort + 0.02 * past) + rng.gamma(1.0, 100.0)
            row = {"customer_id": f"c{k:03}", "day": DAY, "effort": effort + 0.02 * past}
            row |= {"after_90d": after, "past_90d": past, "past_365d": past}
            rows.append(row | {"orders_365d": 1.0})
        found = worth(rows, [])["effort", "association", 90]
        held += found["per_point_low"] <= TRUTH <= found["per_point_high"]
    assert 31 <= held <= 40


def test_bins_show_margin_with_all_else_alike() -> None:
    given = {"experience_points": table("experience_points", confounded(np.random.default_rng(1)))}
    rows = made("experience_bins", given, a_run(str(AS_OF)), steps=STEPS)
    bins = [row for row in rows if row["horizon_days"] == 90]
    assert [row["bin"] for row in sorted(bins, key=lambda r: r["bin"])] == list(range(1, 11))
    assert sum(row["points"] for row in bins) == 3_000
    low, high = (min(bins, key=lambda r: r["bin"]), max(bins, key=lambda r: r["bin"]))
    slope = (high["margin"] - low["margin"]) / (high["mean_score"] - low["mean_score"])
    assert slope == pytest.approx(-TRUTH - 12.0, rel=0.1)
