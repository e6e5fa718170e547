"""A page of the list by one pass over the columns on the shelf, whatever is asked, in any order.

Customers who turned up since the last publication are not on the shelf; they are few, and are
looked through with it. Rows themselves come from the mirror.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db.models import F

from kizuna.pipeline.engine import Engine, quoted
from kizuna.web.know.customers import shelf
from kizuna.web.know.customers.engines import own_engine
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.paging import Order

NEWCOMERS = 5_000
"""So many customers are looked through beside the shelf; of more the database is asked."""
LARGEST = 2**63 - 1
PAGE = "SELECT customer_id, (SELECT count(*) FROM hits) AS n FROM hits {}"
SIGNS = {"gte": ">=", "lte": "<=", "lt": "<", "exact": "="}

type Conditions = Sequence[tuple[str, Any]]
"""Conditions as `column__sign` and a value."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """Some ids in their order, and how many there are in all."""

    ids: list[str]
    matches: int


def scanned(
    conditions: Conditions, words: Sequence[str], order: Order, start: int, many: int
) -> Scanned | None:
    """Look through everyone; None where that cannot be done here, so that the database must."""
    new = _newcomers()
    if new is None or order.name not in shelf.COLUMNS:
        return None
    with shelf.mapped() as table, own_engine() as engine:
        if table is None or not set(shelf.COLUMNS).issubset(table.column_names):
            return None
        engine.register("facts", pa.concat_tables([table.select(shelf.COLUMNS), _as(table, new)]))
        return _found(engine, conditions, words, order, (start, many))


def _found(
    engine: Engine,
    conditions: Conditions,
    words: Sequence[str],
    order: Order,
    part: tuple[int, int],
) -> Scanned:
    said, values = _where(conditions, words)
    # words are looked for once; facts are compared in less time than it takes to keep what matches
    once = "MATERIALIZED" if words else "NOT MATERIALIZED"
    columns = ", ".join(dict.fromkeys(("customer_id", order.name)))
    hits = f"WITH hits AS {once} (SELECT {columns} FROM facts WHERE {said}) "
    found = engine.query(hits + PAGE.format(_ordered(order, *part)), values)
    ids = found["customer_id"].to_pylist()
    if not ids and part[0]:
        found = engine.query(f"{hits} SELECT count(*) AS n FROM hits", values)
    matches = found["n"][0].as_py() if found.num_rows else 0
    return Scanned(list(dict.fromkeys(ids)), matches)


def _ordered(order: Order, start: int, many: int) -> str:
    way = "DESC" if order.down else "ASC"
    by = f"{order.name} {way} NULLS LAST, customer_id {way}"
    return f"ORDER BY {by} LIMIT {many:d} OFFSET {start:d}"


def _where(conditions: Conditions, words: Sequence[str]) -> tuple[str, list[Any]]:
    said, values = (
        ["true", *(f"contains(sought, {quoted(shelf.spread(word))})" for word in words)],
        [],
    )
    for name, value in conditions:
        column, _, sign = name.rpartition("__")
        many = [_bounded(one) for one in (value if sign == "in" else [value])]
        places = ", ".join("?" * len(many)) or "NULL"
        said.append(f"{column} IN ({places})" if sign == "in" else f"{column} {SIGNS[sign]} ?")
        values += many
    return " AND ".join(said), values


def _bounded(value: Any) -> Any:
    return min(max(value, -LARGEST), LARGEST) if isinstance(value, int) else value


def _newcomers() -> list[tuple[Any, ...]] | None:
    """Give those whom no publication has written; None of too many."""
    new = CustomerFact.objects.filter(fingerprint=0).annotate(sought=F("folded"))
    rows = list(new.values_list(*shelf.COLUMNS)[: NEWCOMERS + 1])
    return None if len(rows) > NEWCOMERS else rows


def _as(table: pa.Table, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    fields = [table.schema.field(name) for name in shelf.COLUMNS]
    said = [dict(zip(shelf.COLUMNS, row, strict=True)) for row in rows]
    said = [row | {"sought": shelf.spread(row["sought"])} for row in said]
    made = [pa.array([row[f.name] for row in said], f.type) for f in fields]
    return pa.table(made, schema=pa.schema(fields, metadata=table.schema.metadata))
