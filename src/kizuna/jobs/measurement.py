"""What actions earned: the last stage of a refresh, after the facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kizuna.jobs import resolution
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, StepTrace, discover, execute
from kizuna.pipeline.steps import Step
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

ASSIGNMENTS: Final = "assignments"
AS_STORED: Final = "assignments_as_stored"

MERGED: Final = f"""
WITH now AS (
    SELECT a.* REPLACE (
        coalesce(c.customer_id, a.customer_id) AS customer_id,
        coalesce(u.customer_id, a.unit_id) AS unit_id)
    FROM {AS_STORED} AS a
    LEFT JOIN {resolution.MAP} AS c ON c.raw_customer_id = a.customer_id
    LEFT JOIN {resolution.MAP} AS u ON u.raw_customer_id = a.unit_id)
SELECT * REPLACE (contaminated OR min(arm) OVER w <> max(arm) OVER w AS contaminated)
FROM now WINDOW w AS (PARTITION BY experiment_id, customer_id)
QUALIFY row_number() OVER
    (PARTITION BY experiment_id, customer_id ORDER BY eligible_on, unit_id) = 1"""
"""Of keys that are one customer now the earliest row counts; arms that disagree are marked."""


def targets() -> tuple[str, ...]:
    """Name the tables of this stage."""
    return tuple(step.name for step in discover("measure"))


def measured(engine: Engine, store: Store, run: Run) -> tuple[StepTrace, ...]:
    """Measure the actions that the application wrote of; tables are empty where it has none.

    Needs the tables of the stages before in the engine or the store; writes each to the store.
    """
    steps, run = part(engine, store, run)
    return execute(steps, engine, run, store=store).steps


def part(engine: Engine, store: Store, run: Run) -> tuple[tuple[Step, ...], Run]:
    """Give the steps, and the run that they are told; who was placed where is made readable."""
    _register(engine, store)
    return discover("measure"), replace(run, until=None, fact_days=(), panel_customers=0)


def _register(engine: Engine, store: Store) -> None:
    """Make readable who was placed where, under the customers as they are now."""
    if ASSIGNMENTS not in store.names():
        engine.register(ASSIGNMENTS, arrow_schema(ASSIGNMENTS).empty_table())
        return
    if resolution.MAP not in engine.names():
        resolution.register_map(engine, store)
    store.register(engine, ASSIGNMENTS, under=AS_STORED)
    engine.view(ASSIGNMENTS, MERGED)
