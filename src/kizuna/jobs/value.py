"""The value job: a log of orders in; what each customer is worth, and how sure that is, out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from kizuna.jobs.evidence import Evidence, gather
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.portfolios import total_of
from kizuna.jobs.summary import Findings
from kizuna.pipeline.capture.orders import OrdersRead, read_orders
from kizuna.pipeline.capture.truncation import left_truncation
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.run import StepTrace, discover, execute, select
from kizuna.pipeline.tables import arrow_schema

type Progress = Callable[[str, float], None]
"""Told what is being done and how far the job is, from 0 to 1."""

REPORT_TABLES = ("ltv_by_cohort", "retention", "concentration", "segments", "ltv_factors")
OUTPUTS = frozenset({"customer_values", "rejected"})
TARGETS = (*REPORT_TABLES, "customer_values", "clv_model")
TOP_CUSTOMERS = 20
MOST_VALUABLE = "residual_clv DESC NULLS LAST, historical_value DESC, customer_id"


@dataclass(frozen=True, slots=True, eq=False)
class ValueResult:
    """What the job found: the summary, the report's tables, and the engine that holds the rest.

    `material` is the summary with its sentences not yet said in a language, for the report.
    The engine has `customer_values` (one row a customer) and `rejected` (one row a row left out).
    """

    summary: dict[str, Any]
    material: dict[str, Any]
    tables: dict[str, pa.Table]
    engine: Engine


def value(
    options: ValueOptions, *, today: date, on_progress: Progress = lambda stage, share: None
) -> ValueResult:
    """Value the customers of a log of orders.

    Raises
    ------
    InputError
        When the orders cannot be used; one sentence says why and what to do.

    """
    engine = Engine()
    on_progress("read", 0.02)
    orders = read_orders(
        engine,
        options.source,
        today=today,
        as_of=options.as_of,
        timezone=options.timezone,
        currency=options.currency,
    )
    run = _run(options, orders)
    truncation = left_truncation(engine)
    on_progress("test", 0.25)
    evidence = gather(engine, options, run, orders.first_day)
    on_progress("value", 0.60)
    engine.register("clv_choice", _choice(evidence))
    steps = select(discover("know"), *TARGETS, given=evidence.made)
    execute(steps, engine, run, _stepwise(on_progress))
    tables = {name: engine.table(name) for name in REPORT_TABLES} | dict(evidence.tables)
    tables["top_customers"] = engine.query(_top_customers())
    total = total_of(engine, run, evidence.model_error, evidence.value_error)
    findings = Findings(engine, options, run, orders, truncation, evidence, total)
    result = ValueResult(findings.summary(), findings.material(), tables, engine)
    for name in engine.names() - OUTPUTS:
        engine.drop(name)
    return result


def _run(options: ValueOptions, orders: OrdersRead) -> Run:
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


def _top_customers() -> str:
    return f"SELECT * FROM customer_values ORDER BY {MOST_VALUABLE} LIMIT {TOP_CUSTOMERS}"
