"""Run steps: the only place that executes. Results are checked, and a trace is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from kizuna.pipeline import contracts
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.fact_tables import OPTIONAL, TOLD
from kizuna.pipeline.lineage import is_grouped_by
from kizuna.pipeline.parameters import Period, Run
from kizuna.pipeline.standard_tables import STANDARD
from kizuna.pipeline.steps import Step, discover, in_order, select
from kizuna.pipeline.tables import TABLES, arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.store import Store

__all__ = ["Period", "Run", "StepTrace", "Trace", "discover", "execute", "execute_for", "select"]


@dataclass(frozen=True, slots=True)
class StepTrace:
    """What one step did: the table it wrote, its rows, the seconds it took, the tables it read.

    `version` is that of the table in the store, where the run had one to write to.
    """

    step: str
    rows: int
    seconds: float
    reads: tuple[str, ...]
    version: int | None = None

    @property
    def writes(self) -> str:
        return self.step


@dataclass(frozen=True, slots=True)
class Trace:
    """What a run did, step by step in the order of execution, and what it read from the store."""

    steps: tuple[StepTrace, ...]
    versions_read: Mapping[str, int] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    def rows(self, name: str) -> int:
        """Count the rows of the table that a step of this run made."""
        return next(step.rows for step in self.steps if step.step == name)


type Progress = Callable[[StepTrace, int, int], None]
"""Told after each step: what it did, its number from 1, how many there are."""


def execute(
    steps: Iterable[Step],
    engine: Engine,
    run: Run,
    on_progress: Progress | None = None,
    *,
    store: Store | None = None,
) -> Trace:
    """Run steps in the order that follows from what they read; results are tables of the engine.

    With a store, tables that are neither made nor in the engine are read from it, at their latest
    version, and each result is written to it. Standard tables that are nowhere are empty.

    Raises
    ------
    StepError
        When steps read in a circle, or a table that is nowhere.
    ContractError
        When a result is not what `tables.py` says.

    """
    steps = tuple(steps)
    engine.register("run", run.table())
    engine.register("fact_days", run.fact_table())
    versions = _read_from(store, engine, steps) if store else {}
    _complete(engine, steps)
    ordered = in_order(steps, engine.names())
    done: list[StepTrace] = []
    for step in ordered:
        done.append(_execute_step(step, engine, run, store))
        if on_progress is not None:
            on_progress(done[-1], len(done), len(ordered))
    return Trace(tuple(done), versions)


def execute_for(
    customers: Sequence[str], steps: Iterable[Step], engine: Engine, run: Run
) -> dict[str, pa.Table]:
    """Run the same steps for some customers only; give the fresh rows of each table.

    What a step reads is filtered to these customers if it is about customers, and whole if not:
    tables about all customers, such as cut-offs, are taken as they stand in `engine` and are not
    made again.
    """
    about = [step for step in steps if "customer_id" in TABLES[step.name].grain]
    with Engine(threads=1) as part:
        for name in set(_inputs(about)) & engine.names():
            part.register(name, _rows_of(customers, name, engine))
        execute(about, part, run)
        return {step.name: part.table(step.name, order_by=["customer_id"]) for step in about}


def _read_from(store: Store, engine: Engine, steps: Sequence[Step]) -> dict[str, int]:
    """Make readable what the steps read and the engine has not; give the versions."""
    wanted = set(_inputs(steps)) - engine.names()
    there = wanted.intersection(store.names())
    return {name: store.register(engine, name) for name in sorted(there)}


def _complete(engine: Engine, steps: Sequence[Step]) -> None:
    """Give an empty table for each that is optional and nowhere."""
    for name in ((STANDARD | OPTIONAL) & set(_inputs(steps))) - engine.names():
        engine.register(name, arrow_schema(name).empty_table())


def _execute_step(step: Step, engine: Engine, run: Run, store: Store | None) -> StepTrace:
    start = time.perf_counter()
    if step.sql is not None:
        engine.create(step.name, step.sql)
    else:
        engine.register(step.name, _call(step, engine, run))
    rows = _checked_rows(step, engine)
    version = store.write(step.name, engine.batches(step.name)) if store else None
    return StepTrace(step.name, rows, time.perf_counter() - start, step.reads, version)


def _call(step: Step, engine: Engine, run: Run) -> pa.Table:
    assert step.function is not None
    # in the order of their grain: sums of the same rows must come out the same every time
    tables = (engine.table(name, order_by=_grain(name)) for name in step.reads)
    return step.function(*tables, run=run)


def _grain(name: str) -> tuple[str, ...]:
    return TABLES[name].grain if name in TABLES else ()


def _checked_rows(step: Step, engine: Engine) -> int:
    """Hold the result to its contract and count it; a grain grouped by in SQL needs no counting."""
    table = TABLES.get(step.name)
    if table is None:
        return engine.count(step.name)
    contracts.check_schema(table, engine.schema(step.name))
    proved = step.sql is not None and is_grouped_by(step.sql, table.grain)
    sql = contracts.violations_sql(table, unique=not proved)
    counts: dict[str, int] = engine.query(sql).to_pylist()[0]
    rows = counts.pop(contracts.ROWS)
    contracts.report(table, {rule: count for rule, count in counts.items() if count})
    return rows


def _inputs(steps: Sequence[Step]) -> tuple[str, ...]:
    """Name what the steps read and do not make."""
    made = {step.name for step in steps} | TOLD
    return tuple(sorted({name for step in steps for name in step.reads} - made))


def _rows_of(customers: Sequence[str], name: str, engine: Engine) -> pa.Table:
    if "customer_id" not in engine.schema(name).names:
        return engine.table(name)
    sql = f"SELECT * FROM {name} WHERE customer_id IN (SELECT unnest(?))"
    return engine.query(sql, [list(customers)])
