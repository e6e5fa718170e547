"""The value job: a log of orders in; what each customer is worth, and how sure that is, out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from kizuna.jobs.options import ValueOptions
from kizuna.jobs.valuation import REPORT_TABLES, Progress, valued
from kizuna.pipeline.capture.orders import read_orders
from kizuna.pipeline.engine import Engine

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
    found = valued(engine, options, orders, targets=TARGETS, on_progress=on_progress)
    tables = found.report_tables(engine) | {"top_customers": engine.query(_top_customers())}
    result = ValueResult(found.findings.summary(), found.findings.material(), tables, engine)
    for name in engine.names() - OUTPUTS:
        engine.drop(name)
    return result


def _top_customers() -> str:
    return f"SELECT * FROM customer_values ORDER BY {MOST_VALUABLE} LIMIT {TOP_CUSTOMERS}"
