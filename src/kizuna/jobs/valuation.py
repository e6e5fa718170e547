"""From `transactions` in an engine to evidence, models, tables and findings: what jobs share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from kizuna.jobs import accuracy
from kizuna.jobs.acquisition import channel_net_bounds, channel_values, keep_own_currency
from kizuna.jobs.cuts import DAYS
from kizuna.jobs.evidence import Evidence
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.studies import CHOICE, Studies
from kizuna.jobs.summary import Findings
from kizuna.pipeline.capture.orders import OrdersRead
from kizuna.pipeline.capture.truncation import left_truncation
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, StepTrace, discover, execute, execute_together, select
from kizuna.pipeline.steps import Step

if TYPE_CHECKING:
    from kizuna.clv.portfolio import Portfolio
    from kizuna.pipeline.store import Store

type Progress = Callable[[str, float], None]
"""Told what is being done and how far the job is, from 0 to 1."""

type Part = tuple[Iterable[Step], Run]
"""Steps and the run that they are told."""

REPORT_TABLES = (
    "ltv_by_cohort",
    "retention",
    "repurchase",
    "concentration",
    "segments",
    "ltv_factors",
)
NET = "channel_net_values"
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
    more: Callable[[], Sequence[Part]] = tuple,
    on_progress: Progress = lambda stage, share: None,
) -> Valuation:
    """Choose a model, score everyone and make the targets; needs `transactions` in the engine.

    With a store, each table made is written to it too. `log` is what was forecast before. `more`
    gives steps of other runs, to be done in the same go; it is asked once the days are known.
    """
    run = run_of(options, orders)
    keep_own_currency(engine, run)
    truncation = left_truncation(engine)
    on_progress("test", 0.10)
    days = execute(select(discover("know"), *DAYS), engine, run, store=store)
    others = more()
    if not others:
        engine.drop("transactions")  # the largest table, and no longer read
    studies = Studies(options, run, orders.first_day, {name: engine.table(name) for name in DAYS})
    # what stands in a store is made by steps of this run, never by a cut-off before it
    steps = select(discover("know"), *targets, given=DAYS)
    own = (*steps, *studies.steps(logged=store is not None)), run
    trace = execute_together([own, *others], engine, _Stepwise(on_progress), store=store)
    evidence, total = studies.known(), studies.total
    findings = Findings(engine, options, run, orders, truncation, evidence, total)
    tables = {**evidence.tables, **_channels(engine, run, total), **studies.moved}
    tables |= _forecasts(engine, studies, log) if store else {}
    return Valuation(evidence, findings, (*days.steps, *trace.steps), tables)


def _channels(engine: Engine, run: Run, total: Portfolio | None) -> dict[str, pa.Table]:
    """Value each channel, where costs and channels can be known."""
    if not engine.names().issuperset(CHANNELS):
        return {}
    found = {"channel_values": channel_values(engine, run, total)}
    if NET in engine.names():
        found["channel_net_bounds"] = channel_net_bounds(engine, total)
    return found


def _forecasts(engine: Engine, studies: Studies, log: pa.Table | None) -> dict[str, pa.Table]:
    """Add what is forecast now to the log, and tell how what was forecast before has done."""
    ahead = (studies.ahead[days] for days in accuracy.LOGGED_DAYS)
    log = accuracy.logged(log, [row for row in ahead if row])
    told = accuracy.past_forecasts(accuracy.came_true(engine, log), studies.past)
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


class _Stepwise:
    """Tells how far the steps are: the models are tested while others are done, and then used."""

    def __init__(self, on_progress: Progress) -> None:
        self.on_progress, self.stage = on_progress, "test"

    def __call__(self, trace: StepTrace, done: int, steps: int) -> None:
        if trace.step == CHOICE:
            self.stage = "value"
        self.on_progress(self.stage, 0.10 + 0.85 * done / steps)
