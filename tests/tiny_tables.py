"""Tiny tables written by hand, and the steps run on them; on DuckDB and, where it is, on Spark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, execute
from kizuna.pipeline.steps import Step, discover, replaced, select, table_step
from kizuna.pipeline.tables import TABLES, arrow_schema

type Rows = list[dict[str, Any]]

STEPS = replaced(
    discover("know"), table_step("clv_scores", arrow_schema("clv_scores").empty_table())
)
"""All steps of Know; nobody is scored."""


def transactions(*orders: tuple[str, str, int]) -> pa.Table:
    """Orders as (customer, ISO day, amount in minor units), each with an id of its own.

    Returns, amounts below 0, are booked on the customer's latest purchase until then.
    """
    rows = [
        {"customer_id": customer, "order_id": str(k), "ordered_on": date.fromisoformat(day)}
        | {"ordered_at": None, "amount": amount, "currency": "USD"}
        | {"purchased_on": _purchased_on(orders, customer, day)}
        for k, (customer, day, amount) in enumerate(orders)
    ]
    return table("transactions", rows)


def _purchased_on(orders: Iterable[tuple[str, str, int]], customer: str, day: str) -> date | None:
    days = [d for who, d, amount in orders if who == customer and d <= day and amount >= 0]
    return date.fromisoformat(max(days)) if days else None


def table(name: str, rows: Rows) -> pa.Table:
    """Rows as a table of the pipeline; columns left out are empty."""
    return pa.Table.from_pylist(rows, schema=arrow_schema(name))


def a_run(as_of: str = "2024-12-31", **values: Any) -> Run:
    return Run(as_of=date.fromisoformat(as_of), **values)


def made(
    target: str,
    inputs: Mapping[str, pa.Table],
    run: Run,
    *,
    steps: Iterable[Step] = STEPS,
    engine: Any = None,
) -> Rows:
    """Make a table from others by the steps in between; its rows in the order of its grain."""
    engine = engine or Engine(threads=2)
    for name, data in inputs.items():
        engine.register(name, data)
    execute(select(steps, target, given=inputs), engine, run)
    rows: Rows = engine.table(target).to_pylist()
    return sorted(rows, key=lambda row: [str(row[c]).zfill(9) for c in TABLES[target].grain])


def column(rows: Rows, name: str) -> list[Any]:
    return [row[name] for row in rows]
