"""What is proposed to whom: learned from those whom chance held out, within money and hands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from kizuna.pipeline.steps import discover
from tiny_tables import Rows, a_run, made, table

STEPS = discover("measure")
START = date(2024, 1, 1)
AS_OF = date(2024, 3, 31)
COST = 30.0
NAMES = (
    *("assignments", "actions", "experiments", "purchase_days", "returns", "contract_phases"),
    *("issue_contacts", "service_rates", "customer_facts", "offers", "offer_customers"),
    "choice_limits",
)
type World = dict[str, Rows]


def shop(customers: int = 3_000, seed: int = 3, *, everyone: bool = False) -> World:
    """Half held out of a mail that moves those who bought often by 120, and others not at all."""
    rng = np.random.default_rng(seed)
    rows: World = {name: [] for name in NAMES}
    for k in range(customers):
        who, held, often = f"c{k:05}", bool(rng.random() < 0.5), k % 2 == 0
        rows["assignments"].append(placed("mail", who, "control" if held else "treated"))
        for n in range(8 if often else 1):
            rows["purchase_days"].append(bought(who, START - timedelta(days=20 + 40 * n), 100))
        spent = rng.gamma(2.0, 60.0) + (120.0 if (often or everyone) and not held else 0.0)
        rows["purchase_days"].append(bought(who, START + timedelta(days=9), round(spent)))
        rows["customer_facts"].append(customer(who, at_stake=float(k)))
        if not held:
            rows["actions"].append(done("mail", who))
    rows["experiments"] = [experiment("mail"), experiment("gift", started_on=AS_OF)]
    rows["offers"] = [offer("mail"), offer("gift", cost=500.0)]
    rows["choice_limits"] = [{"salt": "s", "budget": None, "explored": 0.05}]
    return rows


def placed(name: str, who: str, arm: str, holdout: float = 0.5) -> dict[str, Any]:
    row = {"experiment_id": name, "customer_id": who, "unit_id": who, "version": 1, "arm": arm}
    row |= {"propensity": 0.5, "holdout": holdout, "eligible_on": START}
    return row | {"contaminated": False, "predicted": 100.0}


def bought(who: str, on: date, amount: int) -> dict[str, Any]:
    return {"customer_id": who, "day": on, "orders": 1, "amount": amount}


def customer(who: str, at_stake: float) -> dict[str, Any]:
    return {"customer_id": who, "residual_clv": 100.0, "value_at_risk": at_stake}


def done(name: str, who: str) -> dict[str, Any]:
    row = {"action_id": f"{name}/{who}", "experiment_id": name, "customer_id": who}
    return row | {"done_on": START, "cost": int(COST), "discount": None}


def experiment(name: str, **values: Any) -> dict[str, Any]:
    row = {"experiment_id": name, "name": name, "kind": "mail", "horizon_days": 28}
    row |= {"started_on": START, "ended_on": None, "always_on": True, "planned_units": 3_000}
    return row | {"worth": None} | values


def offer(name: str, cost: float = COST, **values: Any) -> dict[str, Any]:
    row = {"experiment_id": name, "cost": cost, "capacity": None, "for_everyone": True}
    return row | values


def found(target: str, world: World, engine: Any = None, **changed: Rows) -> Rows:
    given = {name: table(name, rows) for name, rows in (world | changed).items()}
    return made(target, given, a_run(str(AS_OF), margin=1.0), steps=STEPS, engine=engine)


def proposals(world: World, **changed: Rows) -> Rows:
    rows = found("next_best_actions", world, **changed)
    return sorted(rows, key=lambda row: int(row["position"]))


@pytest.fixture(scope="module")
def world() -> World:
    return shop()


def test_facts_are_those_known_before_the_day_of_eligibility(engine: Any) -> None:
    world: World = {name: [] for name in NAMES}
    days = [(START - timedelta(days=400), 70), (START - timedelta(days=30), 50), (START, 900)]
    world["purchase_days"] = [bought("ann", *day) for day in days]
    world["assignments"] = [placed("mail", "ann", "treated")]
    world["experiments"] = [experiment("mail")]
    world["offers"], world["customer_facts"] = [offer("mail")], [customer("ann", 5.0)]
    now, then = found("choice_facts", world, engine)
    assert (now["experiment_id"], now["spend_365d"], now["at_stake"]) == ("", 950.0, 5.0)
    assert now["days_since_purchase"] == 91
    assert (then["spend_365d"], then["orders_365d"], then["days_since_purchase"]) == (50.0, 1, 30)
    assert then["tenure_days"] == 400
    assert then["at_stake"] is None


def test_it_is_learned_whom_the_mail_moves(world: World) -> None:
    mail = next(r for r in found("uplift_models", world) if r["experiment_id"] == "mail")
    assert mail["state"] == "learned"
    assert mail["average_low"] < 60 < mail["average_high"]
    assert mail["keep"] > 0.8


def test_who_is_moved_by_more_than_it_costs_comes_first_and_is_told_why(world: World) -> None:
    rows = proposals(world)
    learned = [row for row in rows if row["how"] == "learned"]
    often = [int(row["customer_id"][1:]) % 2 == 0 for row in learned]
    assert 1_300 < len(learned) < 2_000
    assert np.mean(often) > 0.75
    assert all(often[:500])
    assert {row["why"] for row in learned[:500]} <= {"spend_365d", "orders_365d", "tenure_days"}
    assert all(row["net"] > 0 for row in learned)
    worth = [row["net"] / row["cost"] for row in learned]
    assert worth == sorted(worth, reverse=True)


def test_a_share_of_all_proposals_is_left_to_chance(world: World) -> None:
    rows = proposals(world)
    chance = [row for row in rows if row["how"] == "chance"]
    assert 0.045 < len(chance) / len(rows) < 0.06
    assert all(0 < row["propensity"] < 1 for row in chance)
    assert {row["experiment_id"] for row in chance} == {"mail", "gift"}


def test_neither_money_nor_hands_are_overspent(world: World) -> None:
    limits = [{"salt": "s", "budget": 6_000.0, "explored": 0.05}]
    poor = proposals(world, choice_limits=limits, offers=[offer("mail")])
    assert 5_500 <= sum(row["cost"] for row in poor) <= 6_000
    few = proposals(world, offers=[offer("mail", capacity=40)])
    assert len(few) == 40


def test_of_those_moved_alike_whoever_has_most_at_stake_comes_first() -> None:
    rows = proposals(shop(everyone=True), offers=[offer("mail", capacity=10)])
    chosen = [row["customer_id"] for row in rows if row["how"] == "average"]
    assert chosen == [f"c{k:05}" for k in range(2_999, 2_990, -1)]


def test_where_nothing_is_known_value_at_risk_decides_and_that_is_said(world: World) -> None:
    rows = proposals(world, offers=[offer("gift")])
    assert {row["how"] for row in rows} == {"rule"}
    assert [row["customer_id"] for row in rows[:2]] == ["c02999", "c02998"]
    assert len(rows) == 100
    assert {row["effect"] for row in rows} == {None}


def test_of_an_action_with_few_held_out_nothing_is_learned(world: World) -> None:
    few = [row for k, row in enumerate(world["assignments"]) if k < 300]
    (mail, gift) = sorted(
        found("uplift_models", world, assignments=few), key=lambda r: str(r["experiment_id"])
    )[::-1]
    assert (mail["state"], gift["state"]) == ("few", "few")
    assert mail["model"] is None


def test_arms_that_lost_units_teach_nothing(world: World) -> None:
    lost = [r for k, r in enumerate(world["assignments"]) if r["arm"] == "control" or k % 5]
    (mail,) = [
        row
        for row in found("uplift_models", world, assignments=lost)
        if row["experiment_id"] == "mail"
    ]
    assert mail["state"] == "mismatch"


def test_who_is_left_alone_by_all_actions_is_proposed_nothing(world: World) -> None:
    turn = experiment("global-2024-01", kind="global")
    alone = [placed("global-2024-01", row["customer_id"], "control", 0.03)
             for row in world["customer_facts"][:1_000]]  # fmt: skip
    rows = proposals(
        world,
        experiments=[*world["experiments"], turn],
        assignments=[*world["assignments"], *alone],
    )
    assert rows
    assert min(row["customer_id"] for row in rows) == "c01000"


def test_only_who_may_have_an_action_is_proposed_it(world: World) -> None:
    some = [{"experiment_id": "mail", "customer_id": f"c{k:05}"} for k in range(200)]
    rows = proposals(world, offers=[offer("mail", for_everyone=False)], offer_customers=some)
    assert {row["customer_id"] for row in rows} <= {row["customer_id"] for row in some}
    assert len(rows) > 80


def test_an_offer_to_everyone_leaves_out_who_is_long_gone_unless_a_segment_names_her(
    world: World,
) -> None:
    facts = [row | {"p_alive": 0.05 if k < 1_000 else 0.9 if k < 2_000 else None}
             for k, row in enumerate(world["customer_facts"])]  # fmt: skip
    rows = proposals(world, customer_facts=facts)
    assert min(row["customer_id"] for row in rows) == "c01000"
    assert {row["how"] for row in rows} == {"learned", "chance"}
    rows = proposals(
        world,
        customer_facts=facts,
        offers=[offer("gift", for_everyone=False)],
        offer_customers=[{"experiment_id": "gift", "customer_id": "c00007"}],
    )
    assert [row["customer_id"] for row in rows] == ["c00007"]


def test_choosing_is_worth_more_than_treating_all_by_rows_it_was_not_learned_from(
    world: World,
) -> None:
    (value,) = found("choice_values", world)
    assert value["experiment_id"] == "mail"
    assert value["over_all_low"] < 15 < value["over_all_high"]
    assert value["over_none_low"] < 45 < value["over_none_high"]
    assert value["over_all_low"] > 0
    assert 0.4 < value["chosen"] < 0.6


def test_without_offers_nothing_is_proposed(world: World) -> None:
    assert proposals(world, offers=[]) == []
