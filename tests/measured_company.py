"""A simulated company whose actions have effects that are known; measured once a test run."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, StepTrace, discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

type Rows = list[dict[str, Any]]

AS_OF = date(2026, 6, 30)
START = date(2026, 1, 1)
COST = 100
TRUTH = {"1": 1_500.0, "2": 0.0, "3": -1_500.0, "4": 500.0}
"""Action → yen that it adds to the margin of a treated customer within 90 days."""
NAMES = {"1": "Letter of thanks", "2": "Weekly news", "3": "Daily call", "4": "Tea party"}
CUSTOMERS = {"1": 3_000, "2": 6_000, "3": 3_000, "4": 80}
MARGIN = 0.5
GLOBAL = "global-2026-01"
MADE = ("effect_claims", "effect_portfolio", "effect_projections", "effect_parts", "effect_days")


@cache
def company() -> tuple[Path, dict[str, int], dict[str, int], tuple[StepTrace, ...]]:
    """Give its data folder, versions made and read, and what each step did."""
    folder = Path(mkdtemp(prefix="kizuna-measured-"))
    store = Store(folder / "store")
    read = {name: store.write(name, table(name, rows)) for name, rows in lived().items()}
    for name in ("returns", "contract_phases", "issue_contacts", "service_rates"):
        store.write(name, arrow_schema(name).empty_table())
    with Engine(threads=2) as engine:
        run = Run(as_of=AS_OF, currency="JPY", margin=MARGIN)
        steps = execute(select(discover("measure"), *MADE), engine, run, store=store).steps
    made = {step.step: step.version for step in steps if step.version is not None}
    return folder, made, read, steps


def table(name: str, rows: Rows) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(name))


def lived() -> dict[str, Rows]:
    """Let the company live: who was placed, what was done, and what was bought."""
    rng = np.random.default_rng(11)
    rows: dict[str, Rows] = {"assignments": [], "actions": [], "purchase_days": []}
    for action in TRUTH:
        for k in range(CUSTOMERS[action]):
            _customer(rows, rng, action, f"{action}-{k}")
    for k in range(600):
        usual, on = float(rng.gamma(2.0, 2_000.0)), _some_day(rng)
        _buys(rows, rng, f"g-{k}", on, 0.0, usual)
        rows["assignments"].append(_placed(GLOBAL, f"g-{k}", "control", START, usual * MARGIN))
    rows["experiments"] = [_about(action) for action in TRUTH] + [_turn()]
    return rows


def _customer(rows: dict[str, Rows], rng: np.random.Generator, action: str, who: str) -> None:
    held, usual = bool(rng.random() < 0.3), float(rng.gamma(2.0, 2_000.0))
    on = _some_day(rng)
    _buys(rows, rng, who, on, 0.0 if held else TRUTH[action], usual)
    arm = "control" if held else "treated"
    rows["assignments"].append(_placed(action, who, arm, on, usual * MARGIN))
    rows["assignments"].append(_placed(GLOBAL, who, "treated", START, usual * MARGIN))
    if not held and rng.random() < 0.9:  # a tenth of them cannot be reached
        row = {"action_id": f"{action}/{who}", "experiment_id": action, "customer_id": who}
        rows["actions"].append(row | {"done_on": on, "cost": COST, "discount": 0})


def _some_day(rng: np.random.Generator) -> date:
    return START + timedelta(days=int(rng.integers(0, 60)))


def _buys(
    rows: dict[str, Rows],
    rng: np.random.Generator,
    who: str,
    on: date,
    lift: float,
    usual: float,
) -> None:
    """One purchase before and one after, the later one larger by what the action does."""
    before = {"customer_id": who, "day": on - timedelta(days=20), "orders": 1}
    rows["purchase_days"].append(before | {"amount": int(usual * rng.gamma(4.0, 0.25))})
    amount = usual * rng.gamma(4.0, 0.25) + lift / MARGIN
    after = {"customer_id": who, "day": on + timedelta(days=10), "orders": 1}
    rows["purchase_days"].append(after | {"amount": int(amount)})


def _placed(experiment: str, who: str, arm: str, on: date, predicted: float) -> dict[str, Any]:
    holdout = 600 / (600 + sum(CUSTOMERS.values())) if experiment == GLOBAL else 0.3
    row = {"experiment_id": experiment, "customer_id": who, "unit_id": who, "version": 1}
    row |= {"arm": arm, "propensity": holdout if arm == "control" else 1 - holdout}
    row |= {"holdout": holdout, "eligible_on": on, "predicted": predicted}
    return row | {"contaminated": False, "reason": None, "stratum": None}


def _about(action: str) -> dict[str, Any]:
    row = {"experiment_id": action, "name": NAMES[action], "kind": "mail", "horizon_days": 90}
    row |= {"started_on": START, "ended_on": date(2026, 3, 1), "always_on": action == "1"}
    return row | {"planned_units": 3_000, "worth": 500.0}


def _turn() -> dict[str, Any]:
    row = {"experiment_id": GLOBAL, "name": None, "kind": "global", "horizon_days": 365}
    row |= {"started_on": START, "ended_on": None, "always_on": True}
    return row | {"planned_units": 10_000, "worth": None}
