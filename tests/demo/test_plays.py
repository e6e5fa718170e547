"""What the company did is known, and what it truly did is found: by the steps of the product."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from kizuna.demo import DemoCompany, simulate_company
from kizuna.demo.deeds import MARGIN
from kizuna.demo.plays import PLAYS
from kizuna.experiments.assignment import Design
from kizuna.experiments.power import Sizing
from kizuna.pipeline.steps import discover
from tiny_tables import Rows, a_run, made, table

AS_OF = date(2026, 3, 31)
STEPS = discover("measure")
BY_KEY = {play.key: play for play in PLAYS}
TOLD = [play for play in PLAYS if play.word != "early"]

type Told = list[dict[str, Any]]
type Found = Mapping[tuple[str, int], dict[str, Any]]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> DemoCompany:
    return simulate_company(tmp_path_factory.mktemp("demo"), as_of=AS_OF)


@pytest.fixture(scope="module")
def register(company: DemoCompany) -> Told:
    return list(json.loads(company.actions.read_text("utf-8")))


@pytest.fixture(scope="module")
def truth(company: DemoCompany) -> Told:
    return list(json.loads(company.truth.read_text("utf-8"))["actions"])


@pytest.fixture(scope="module")
def found(company: DemoCompany, register: Told) -> Found:
    return effects(company, register)


def effects(company: DemoCompany, told: Told) -> Found:
    """Make `effects` of the order log and the register; contracts and contacts are left out."""
    inputs = {
        **_register(told),
        **_flows(company),
        "contract_phases": table("contract_phases", []),
        "issue_contacts": table("issue_contacts", []),
        "service_rates": table("service_rates", []),
    }
    rows = made("effects", inputs, a_run(AS_OF.isoformat(), margin=MARGIN), steps=STEPS)
    key_of = {one["experiment_id"]: one["key"] for one in told}
    everyone = [row for row in rows if row["arm"] == "*" or row["against"] == "control"]
    return {(key_of[row["experiment_id"]], row["horizon_days"]): row for row in everyone}


def _register(told: Told) -> dict[str, pa.Table]:
    names = ("experiment_id", "kind", "horizon_days", "always_on", "planned_units", "worth")
    experiments: Rows = [
        {name: one[name] for name in names}
        | {"started_on": date.fromisoformat(one["started_on"])}
        | {"ended_on": date.fromisoformat(one["ended_on"]) if one["ended_on"] else None}
        for one in told
    ]
    return {
        "experiments": table("experiments", experiments),
        "assignments": table("assignments", [row for one in told for row in _placed(one)]),
        "actions": table("actions", [row for one in told for row in _done(one)]),
    }


def _placed(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for customer, at, arm in one["placed"]:
        share = one["holdout"] if arm == "control" else 1 - one["holdout"]
        yield {
            "experiment_id": one["experiment_id"],
            "customer_id": customer,
            "unit_id": customer,
            "version": 1,
            "arm": arm,
            "propensity": share,
            "holdout": one["holdout"],
            "eligible_on": datetime.fromisoformat(at).date(),
            "contaminated": False,
        }


def _done(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number, (customer, at, units, minutes, discount) in enumerate(one["deeds"]):
        yield {
            "action_id": f"{one['key']}:{number}",
            "experiment_id": one["experiment_id"],
            "customer_id": customer,
            "done_on": datetime.fromisoformat(at).date(),
            "cost": units * one["cost_per_unit"] + minutes * one["cost_per_minute"],
            "discount": discount,
        }


def _flows(company: DemoCompany) -> dict[str, pa.Table]:
    bought: dict[tuple[str, date], int] = defaultdict(int)
    back: dict[tuple[str, date], int] = defaultdict(int)
    for row in log(company):
        day = datetime.strptime(row["注文日時"], "%Y/%m/%d %H:%M:%S").date()
        amount = int(row["金額"])
        (bought if amount > 0 else back)[row["顧客番号"], day] += amount
    return {
        "purchase_days": table(
            "purchase_days",
            [
                {"customer_id": who, "day": d, "orders": 1, "amount": a}
                for (who, d), a in bought.items()
            ],
        ),
        "returns": table(
            "returns", [{"customer_id": who, "day": d, "amount": a} for (who, d), a in back.items()]
        ),
    }


def log(company: DemoCompany) -> list[dict[str, str]]:
    """Give the good rows of the order log, each once."""
    with company.orders.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["注文番号"]: row for row in csv.DictReader(file)}
    return [row for number, row in rows.items() if number[0] in "HR"]


def test_each_play_gets_its_word(found: Found) -> None:
    words = {play.key: found[play.key, play.horizon_days]["verdict"] for play in TOLD}
    assert words == {"card": "earns", "newsletter": "useless", "coupon": "harms"}
    assert not any(key == "birthday" and days for key, days in found)


def test_intervals_hold_the_true_effects_and_totals(found: Found, truth: Told) -> None:
    looked = 0
    for one in truth:
        for days, true in one["effects"].items():
            row = found.get((one["key"], int(days)), {})
            if true is None or row.get("effect_low") is None:
                continue
            assert row["treated"] == true["treated"]
            assert row["treated"] + row["control"] == true["units"]
            assert row["effect_low"] < true["effect"] < row["effect_high"]
            assert row["total_low"] < true["total"] < row["total_high"]
            looked += 1
    assert looked >= 6


def test_a_useful_play_taken_for_useless_would_be_noticed(
    company: DemoCompany, register: Told
) -> None:
    """Arms of the card that chance did not draw: every other one who was treated was not."""
    card = next(one for one in register if one["key"] == "card")
    mixed = [
        (who, at, "control" if n % 10 < 3 else "treated")
        for n, (who, at, _arm) in enumerate(card["placed"])
    ]
    found = effects(company, [{**card, "placed": mixed}])
    assert found["card", 28]["verdict"] != "earns"


def test_arms_are_those_of_salt_and_share(register: Told) -> None:
    for one in register:
        design = Design(one["experiment_id"], one["salt"], one["holdout"])
        assert all(design.place(who).arm == arm for who, _at, arm in one["placed"])
        held = sum(arm == "control" for _who, _at, arm in one["placed"])
        assert held / len(one["placed"]) == pytest.approx(one["holdout"], abs=0.06)


def test_what_was_placed_and_done_lies_within_the_days_of_the_play(register: Told) -> None:
    for one in register:
        last = one["ended_on"] or AS_OF.isoformat()
        days = [at[:10] for _who, at, _arm in one["placed"]]
        assert one["started_on"] <= min(days) <= max(days) <= last
        treated = {who for who, _at, arm in one["placed"] if arm == "treated"}
        assert {who for who, *_ in one["deeds"]} <= treated
        assert max(at[:10] for _who, at, *_ in one["deeds"]) <= AS_OF.isoformat()


def test_orders_that_were_added_are_few_and_counted(company: DemoCompany, truth: Told) -> None:
    rows = log(company)
    added = sum(one["orders_added"] for one in truth)
    assert 0 < added < 0.05 * len(rows)
    assert sorted(row["注文番号"][1:] for row in rows) == [
        f"{n:07d}" for n in range(1, len(rows) + 1)
    ]


def test_sizes_are_enough_for_the_answers_that_are_asked() -> None:
    """Of the means and spreads of the order log, in yen of margin; by the size of the demo."""
    card = Sizing(variation=1.9, always_on=True).customers(BY_KEY["card"].more * 1_900 / 1_450, 0.3)
    letter = Sizing(variation=1.9, removed=0.3).customers(BY_KEY["newsletter"].worth / 1_650, 0.5)
    assert card < 1_100
    assert letter < 2_800
