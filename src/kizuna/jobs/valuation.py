"""From `transactions` in an engine to evidence, models, tables and findings: what jobs share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kizuna.jobs import accuracy, movement
from kizuna.jobs.acquisition import channel_values, keep_own_currency
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
    from kizuna.clv.portfolio import Portfolio
    from kizuna.pipeline.store import Store

type Progress = Callable[[str, float], None]
"""Told what is being done and how far the job is, from 0 to 1."""

REPORT_TABLES = (
    "ltv_by_cohort",
    "retention",
    "repurchase",
    "concentration",
    "segments",
    "ltv_factors",
)
CHANNELS = ("channel_costs", "channel_customers", "channel_ages")


@dataclass(frozen=True, slots=True, eq=False)
class Valuation:
    """What was found: evidence, the findings that a summary is written from, each step's trace.

    `tables` are those that no step makes: pictures of the holdout, channels, changes, forecasts.
    """

    evidence: Evidence
    findings: Findings
    steps: tuple[StepTrace, ...]
    tables: Mapping[str, pa.Table] = field(default_factory=dict)

    def report_tables(self, engine: Engine) -> dict[str, pa.Table]:
        """Give the tables that pictures are drawn from."""
        return {name: engine.table(name) for name in REPORT_TABLES} | dict(self.tables)


def valued(
    engine: Engine,
    options: ValueOptions,
    orders: OrdersRead,
    *,
    targets: tuple[str, ...],
    store: Store | None = None,
    log: pa.Table | None = None,
    on_progress: Progress = lambda stage, share: None,
) -> Valuation:
    """Choose a model, score everyone and make the targets; needs `transactions` in the engine.

    With a store, each table made is written to it too. `log` is what was forecast before.
    """
    run = run_of(options, orders)
    keep_own_currency(engine, run)
    truncation = left_truncation(engine)
    on_progress("test", 0.25)
    days = execute(select(discover("know"), *DAYS), engine, run, store=store)
    engine.drop("transactions")  # the largest table, and no longer read
    evidence = gather(engine, options, run, orders.first_day)
    past = accuracy.again(engine, run, evidence, orders.first_day) if store else []
    movement.remember(engine, run)
    on_progress("value", 0.60)
    engine.register("clv_choice", _choice(evidence))
    # what stands in a store is made by steps of this run, never by a cut-off before it
    steps = select(discover("know"), *targets, given=DAYS)
    trace = execute(steps, engine, run, _stepwise(on_progress), store=store)
    total = total_of(engine, run, evidence.model_error, evidence.value_error)
    findings = Findings(engine, options, run, orders, truncation, evidence, total)
    tables = {**evidence.tables, **_channels(engine, run, total), **movement.movement(engine, run)}
    tables |= _forecasts(engine, run, evidence, log, past) if store else {}
    return Valuation(evidence, findings, (*days.steps, *trace.steps), tables)


def _channels(engine: Engine, run: Run, total: Portfolio | None) -> dict[str, pa.Table]:
    """Value each channel, where costs and channels can be known."""
    if not engine.names().issuperset(CHANNELS):
        return {}
    return {"channel_values": channel_values(engine, run, total)}


def _forecasts(
    engine: Engine, run: Run, evidence: Evidence, log: pa.Table | None, past: list[dict[str, Any]]
) -> dict[str, pa.Table]:
    """Add what is forecast now to the log, and tell how what was forecast before has done."""
    log = accuracy.logged(log, accuracy.ahead(engine, run, evidence.model_error))
    told = accuracy.past_forecasts(accuracy.came_true(engine, log), past)
    return {"forecast_log": log, "past_forecasts": told}


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
