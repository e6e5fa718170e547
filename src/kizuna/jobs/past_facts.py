"""Facts as they were known on any day of the past: the same SQL over the rows dated up to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from kizuna.jobs import received, resolution, revenue
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.outputs import BYTE_ORDER_MARK
from kizuna.pipeline.capture.amounts import NO_CURRENCY
from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.fact_tables import facts_of, topics
from kizuna.pipeline.know.fact_panel import panel_sql
from kizuna.pipeline.lineage import names_in
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.run import discover, execute, select
from kizuna.pipeline.standard_tables import STANDARD
from kizuna.pipeline.steps import Step
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES, arrow_schema

FAMILY = """
SELECT {} FROM customers
WHERE customer_id IN (SELECT unnest(?)) OR parent_id IN (SELECT unnest(?))"""
"""Customers, and the people who belong to them: what these do counts for them."""
CURRENCY = """
SELECT currency FROM (
    SELECT currency, 0 AS kind FROM transactions UNION ALL SELECT currency, 1 FROM contracts
) GROUP BY currency, kind ORDER BY kind, count(*) DESC, currency LIMIT 1"""


def facts_as_of(
    store: Store,
    day: date,
    options: ValueOptions,
    customers: Sequence[str] = (),
    only: Collection[str] | None = None,
    currency: str = "",
) -> pa.Table:
    """Tell the facts of a day, of everybody or of some, by rows dated up to that day alone.

    `only` names the facts that are wanted: topics of which none is are not worked out. Without a
    currency it is that of the orders, or else of the contracts.
    Who the people at a customer are is known of today only, and left out.
    """
    with Engine() as engine:
        given(engine, store)
        run = _run(options, day, currency or _currency(engine))
        listed = [
            (topic, column)
            for topic, column in facts_of(topics(TABLES))
            if only is None or column.name in only
        ]
        named = dict.fromkeys(topic for topic, _column in listed)
        steps = select(discover("know"), "fact_moments", *named)
        if customers:
            narrow(engine, steps, customers)
        engine.register("contacts", arrow_schema("contacts").empty_table())
        execute(steps, engine, run)
        found = engine.query(f"{panel_sql(listed)} ORDER BY customer_id")
    own = pc.is_in(found["customer_id"], pa.array(customers, pa.string()))
    return found.filter(own) if customers else found


def written(found: pa.Table, path: Path | None) -> str:
    """Write facts as CSV or Parquet, as the file is called; or give the CSV to be printed."""
    if path is not None and path.suffix == ".parquet":
        pq.write_table(found, path)
        return ""
    sink = pa.BufferOutputStream()
    csv.write_csv(found, sink)
    data: bytes = sink.getvalue().to_pybytes()
    if path is None:
        return data.decode()
    path.write_bytes(BYTE_ORDER_MARK.encode() + data)
    return ""


def given(engine: Engine, store: Store) -> None:
    """Register what was brought in and received, under the customers as they are now."""
    there = {"transactions", *STANDARD}.intersection(received.names(store))
    resolution.register_map(engine, store)
    for name in sorted(there):
        received.register(engine, store, name)
    if "transactions" not in there:
        engine.register("transactions", arrow_schema("transactions").empty_table())
    revenue.know_by_contract(engine)


def _run(options: ValueOptions, day: date, currency: str) -> Run:
    return Run(as_of=day, timezone=options.timezone, currency=currency, margin=options.margin)


def _currency(engine: Engine) -> str:
    found = engine.query(CURRENCY)["currency"].to_pylist()
    if not found:
        raise InputError("There are neither orders nor contracts yet; import some first.")
    return found[0] or NO_CURRENCY


def narrow(engine: Engine, steps: Sequence[Step], customers: Sequence[str]) -> None:
    """Keep of what is read the rows of some customers and of their people, and what is named."""
    received.only_people_of(engine, customers)
    ids, there = list(customers), engine.schema("customers").names
    wanted = dict.fromkeys([*_named("customers", steps, there), "parent_id"])
    family = engine.query(FAMILY.format(", ".join(map(identifier, wanted))), [ids, ids])
    engine.register("customers", family)
    members = [*ids, *family["customer_id"].to_pylist()]
    read = {name for step in steps for name in step.reads} - {"customers"}
    for name in sorted(read & engine.names()):
        columns = engine.schema(name).names
        if "customer_id" in columns:
            engine.register(name, _of(engine, name, members, _named(name, steps, columns)))


def _named(table: str, steps: Sequence[Step], columns: Sequence[str]) -> list[str]:
    """Give the columns of a table that steps may read: those that they name anywhere."""
    found = {"customer_id"}
    for step in steps:
        if table in step.reads:
            names = names_in(step.sql) if step.sql else None
            if names is None:
                return list(columns)
            found |= names
    return [name for name in columns if name in found]


def _of(engine: Engine, name: str, customers: list[str], columns: Sequence[str]) -> pa.Table:
    listed = ", ".join(map(identifier, columns))
    sql = f"SELECT {listed} FROM {name} WHERE customer_id IN (SELECT unnest(?))"
    return engine.query(sql, [customers])
