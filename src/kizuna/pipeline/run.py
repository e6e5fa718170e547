"""Run steps: the only place that executes. Results are checked, and a trace is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.execution import Execution, Progress, StepTrace, Trace, tell
from kizuna.pipeline.fact_tables import OPTIONAL, TOLD
from kizuna.pipeline.parameters import Period, Run
from kizuna.pipeline.standard_tables import STANDARD
from kizuna.pipeline.steps import Step, discover, in_order, select
from kizuna.pipeline.tables import TABLES, arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.store import Store

__all__ = [
    "Period",
    "Progress",
    "Run",
    "StepTrace",
    "Trace",
    "discover",
    "execute",
    "execute_for",
    "execute_together",
    "select",
]


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
    return execute_together([(steps, run)], engine, on_progress, store=store)


def execute_together(
    parts: Sequence[tuple[Iterable[Step], Run]],
    engine: Engine,
    on_progress: Progress | None = None,
    *,
    store: Store | None = None,
) -> Trace:
    """Run steps of several runs as `execute` does those of one; each step is told its own run.

    A table is made by one of them alone. The engine is left with the run of the first.
    """
    steps_of = [(tuple(steps), run) for steps, run in parts]
    runs = {step.name: run for steps, run in steps_of for step in steps}
    steps = [step for steps, _run in steps_of for step in steps]
    tell(engine, parts[0][1])
    versions = _read_from(store, engine, steps) if store else {}
    _complete(engine, steps)
    ordered = in_order(steps, engine.names())
    done = Execution(ordered, runs, engine, store, on_progress).execute()
    tell(engine, parts[0][1])
    return Trace(done, versions)


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


def _inputs(steps: Sequence[Step]) -> tuple[str, ...]:
    """Name what the steps read and do not make."""
    made = {step.name for step in steps} | TOLD
    return tuple(sorted({name for step in steps for name in step.reads} - made))


def _rows_of(customers: Sequence[str], name: str, engine: Engine) -> pa.Table:
    if "customer_id" not in engine.schema(name).names:
        return engine.table(name)
    sql = f"SELECT * FROM {name} WHERE customer_id IN (SELECT unnest(?))"
    return engine.query(sql, [list(customers)])
