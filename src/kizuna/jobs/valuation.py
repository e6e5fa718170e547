"""From `transactions` in an engine to evidence, models, tables and findings: what jobs share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from kizuna.jobs.cuts import DAYS
from kizuna.jobs.evidence import Evidence, gather
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.portfolios import total_of
from kizuna.jobs.summary import Findings
from kizuna.pipeline.capture.orders import OrdersRead
from kizuna.pipeline.capture.truncation import left_truncation
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, StepTrace, discover, execute, select
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.store import Store

type Progress = Callable[[str, float], None]
"""Told what is being done and how far the job is, from 0 to 1."""

REPORT_TABLES = ("ltv_by_cohort", "retention", "concentration", "segments", "ltv_factors")


@dataclass(frozen=True, slots=True, eq=False)
class Valuation:
    """What was found: evidence, the findings that a summary is written from, each step's trace."""

    evidence: Evidence
    findings: Findings
    steps: tuple[StepTrace, ...]

    def report_tables(self, engine: Engine) -> dict[str, pa.Table]:
        """Give the tables that pictures are drawn from."""
        return {name: engine.table(name) for name in REPORT_TABLES} | dict(self.evidence.tables)


def valued(
    engine: Engine,
    options: ValueOptions,
    orders: OrdersRead,
    *,
    targets: tuple[str, ...],
    store: Store | None = None,
    on_progress: Progress = lambda stage, share: None,
) -> Valuation:
    """Choose a model, score everyone and make the targets; needs `transactions` in the engine.

    With a store, each table made is written to it too.
    """
    run = run_of(options, orders)
    truncation = left_truncation(engine)
    on_progress("test", 0.25)
    days = execute(select(discover("know"), *DAYS), engine, run, store=store)
    engine.drop("transactions")  # the largest table, and no longer read
    evidence = gather(engine, options, run, orders.first_day)
    on_progress("value", 0.60)
    engine.register("clv_choice", _choice(evidence))
    # what stands in a store is made by steps of this run, never by a cut-off before it
    steps = select(discover("know"), *targets, given=DAYS if store else evidence.made)
    trace = execute(steps, engine, run, _stepwise(on_progress), store=store)
    total = total_of(engine, run, evidence.model_error, evidence.value_error)
    findings = Findings(engine, options, run, orders, truncation, evidence, total)
    return Valuation(evidence, findings, (*days.steps, *trace.steps))


def run_of(options: ValueOptions, orders: OrdersRead) -> Run:
    """Give the values of the run from what was asked and what was read."""
    return Run(
        as_of=options.as_of or orders.last_day,
        period=options.period,
        timezone=options.timezone,
        currency=orders.currency,
        margin=options.margin,
        discount=options.discount,
        horizon_days=options.horizon_days,
        seed=options.seed,
    )


def _choice(evidence: Evidence) -> pa.Table:
    rows = [] if evidence.model is None else [{"model": evidence.model, "paced": evidence.paced}]
    return pa.Table.from_pylist(rows, schema=arrow_schema("clv_choice"))


def _stepwise(on_progress: Progress) -> Callable[[StepTrace, int, int], None]:
    return lambda trace, done, steps: on_progress("value", 0.60 + 0.35 * done / steps)
