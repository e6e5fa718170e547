"""Actions that change nothing, by the product's own path: placed, done, orders, measured, judged.

    with_actions = placed(home, 40, customers=200, holdout=0.1)
    found = judged(measured(with_actions, Shop.drawn("cdnow"), seed=1))

The application places the customers of each action, records what was done and gives both to the
tables. What customers then buy is drawn from a simulated shop, so that the same placement serves
any number of populations; with `lift`, the treated buy so much more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.measure import effects
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.run import execute
from kizuna.pipeline.steps import Step, discover, replaced, select, table_step
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.deeds import record_deeds
from kizuna.web.act.actions.giving import give_actions
from kizuna.web.act.actions.models import Action, Programme
from repeated_experiments import Shop

FIRST = datetime(2026, 1, 5, 12, tzinfo=UTC)
A_WEEK = timedelta(days=7)
HORIZON = 28
STEPS = [*discover("know"), *discover("measure")]
NOTHING = ("returns", "contract_phases", "issue_contacts", "service_rates")

type Row = dict[str, Any]


@dataclass(frozen=True)
class Placed:
    """The tables that the application gives: who was placed where, and what was done.

    `actions` are those of the register, which whoever undid the placing may put there again.
    """

    assignments: pa.Table
    deeds: pa.Table
    experiments: pa.Table
    weeks: int
    actions: list[Action]

    @property
    def over_on(self) -> date:
        """The day on which the days of everybody are over."""
        return self.looks[-1]

    @property
    def looks(self) -> list[date]:
        """The days on which the days of another week's customers are over."""
        first = FIRST.date() + timedelta(days=HORIZON)
        return [first + week * A_WEEK for week in range(self.weeks)]


def placed(home: Path, count: int, *, customers: int, holdout: float, weeks: int = 1) -> Placed:
    """Put actions live, place customers of their own in each, week after week, and do it."""
    Programme.objects.update_or_create(pk=Programme.THE_ONE, defaults={"is_on": False})
    for number in range(count):
        name = f"Play {number}"
        made = actions.draft(
            actor=None, name=name, kind="mail", holdout=holdout, horizon_days=HORIZON,
            always_on=weeks > 1, planned_units=5_000,
        )  # fmt: skip
        Action.objects.filter(pk=made.pk).update(salt=name)
        one = actions.go_live(actor=None, action=Action.objects.get(pk=made.pk))
        mine = [f"{number}-{k}" for k in range(customers)]
        for week, some in enumerate(batched(mine, -(-customers // weeks))):
            _do(one, some, FIRST + week * A_WEEK)
        if weeks == 1:
            actions.conclude(actor=None, action=one)
    Action.objects.update(started_on=FIRST.date())
    Action.objects.exclude(ended_on=None).update(ended_on=FIRST.date())
    store = Store(home / "tables")
    give_actions(store)
    tables = (store.read(name) for name in ("assignments", "actions", "experiments"))
    return Placed(*tables, weeks, list(Action.objects.order_by("pk")))


def _do(action: Action, customers: tuple[str, ...], at: datetime) -> None:
    found = actions.place(action=action, customer_ids=customers, reason="eligible", at=at)
    treated = [one for one in customers if found[one].is_treated]
    done = ((f"{action.pk}/{one}", action, one, at) for one in treated)
    record_deeds(done=done, kind="mail")


@dataclass(frozen=True)
class Measured:
    """What a run knows of each arm, and of what; and what each customer bought."""

    sums: pa.Table
    counts: pa.Table
    placed: Placed
    run: Run
    given: Mapping[str, pa.Table]


def measured(
    found: Placed,
    shop: Shop,
    *,
    seed: int,
    lift: float = 0.0,
    as_of: date | None = None,
    units: str = "",
) -> Measured:
    """Draw what customers buy, and measure; `units` is a wrong way to make them."""
    given = inputs(found, shop, seed, lift)
    run = Run(as_of=as_of or found.over_on, margin=1.0)
    with Engine(threads=2) as engine:
        for name, data in given.items():
            engine.register(name, data)
        steps = _steps(engine, run, given, units)
        execute(select(steps, "effect_sums", "experiment_counts", given=given), engine, run)
        tables = engine.table("effect_sums"), engine.table("experiment_counts")
    return Measured(*tables, found, run, given)


def judged(found: Measured) -> list[Row]:
    """Give the row of each action at its horizon."""
    return [row for row in effects_of(found).to_pylist() if row["horizon_days"] == HORIZON]


def effects_of(found: Measured) -> pa.Table:
    """Give the table of which the page is made."""
    return effects.effects(found.sums, found.counts, found.placed.experiments, run=found.run)


def _steps(engine: Engine, run: Run, given: Mapping[str, pa.Table], units: str) -> list[Step]:
    if not units:
        return STEPS
    execute(select(STEPS, "experiment_units", given=given), engine, run)
    wrong = engine.query(units).cast(arrow_schema("experiment_units"))
    return replaced(STEPS, table_step("experiment_units", wrong))


def inputs(found: Placed, shop: Shop, seed: int, lift: float = 0.0) -> dict[str, pa.Table]:
    """Give the tables of a run: what each customer bought before and after, and what was known."""
    chosen = np.random.default_rng(seed).permutation(len(shop.spend))
    rows = chosen[: found.assignments.num_rows]
    held = pc.equal(found.assignments["arm"], "control").to_numpy()
    spend = np.round(100 * shop.spend[rows] * np.where(held, 1.0, 1.0 + lift))
    past, predicted = np.round(100 * shop.past[rows]), 100.0 * shop.predicted[rows]
    names = found.assignments.schema.names
    told = found.assignments.set_column(
        names.index("predicted"), "predicted", pa.array(predicted, pa.float64())
    )
    empty = {name: arrow_schema(name).empty_table() for name in NOTHING}
    return empty | {
        "assignments": told,
        "actions": found.deeds,
        "experiments": found.experiments,
        "transactions": _orders(found.assignments, {-10: past, 5: spend}),
    }


def _orders(assignments: pa.Table, amounts: Mapping[int, np.ndarray]) -> pa.Table:
    """Make an order of each amount above nothing, so many days after eligibility."""
    schema, parts = arrow_schema("transactions"), []
    for day, amount in amounts.items():
        some = np.flatnonzero(amount > 0)
        who = assignments["customer_id"].take(some)
        on = pc.add(assignments["eligible_on"].take(some), pa.scalar(timedelta(days=day)))
        count = len(some)
        columns = {
            "customer_id": who,
            "order_id": pc.binary_join_element_wise(who, str(day), "/"),
            "ordered_on": pc.cast(on, pa.date32()),
            "amount": pa.array(amount[some].astype(np.int64)),
            "currency": pa.array(["JPY"] * count),
        }
        columns |= {f.name: pa.nulls(count, f.type) for f in schema if f.name not in columns}
        parts.append(pa.table(columns).select(schema.names).cast(schema))
    return pa.concat_tables(parts)


def arms(given: Mapping[str, pa.Table]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Give each action, who of its customers is treated, and outcome and covariates of each."""
    orders = given["transactions"]
    spent = [_amounts(given["assignments"], orders, end) for end in ("/5", "/-10")]
    table = given["assignments"]
    columns = np.column_stack([spent[0], table["predicted"].to_numpy(), spent[1]])
    treated = pc.not_equal(table["arm"], "control").to_numpy()
    action = np.array(table["experiment_id"].to_pylist())
    for one in sorted(set(action)):
        yield one, treated[action == one], columns[action == one]


def _amounts(assignments: pa.Table, orders: pa.Table, end: str) -> np.ndarray:
    mine = orders.filter(pc.ends_with(orders["order_id"], end))
    known = dict(zip(mine["customer_id"].to_pylist(), mine["amount"].to_pylist(), strict=True))
    return np.array([float(known.get(one, 0)) for one in assignments["customer_id"].to_pylist()])
