"""Rows of published tables: a page of them, what they come to, and all of them for a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from kizuna.pipeline.engine import Engine, identifier
from kizuna.web.know.customers.engines import own_engine
from kizuna.web.know.customers.naming import named
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.rows.forms import Asked
from kizuna.web.ui.leafing import Leafing

type Row = dict[str, Any]

A_PAGE = 50
A_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Rows(Leafing):
    """A page of rows; `count` and `sums` are those of all of them, so that they can be checked."""

    state: Published
    asked: Asked
    items: Sequence[Row]
    count: int
    sums: Row

    @property
    def number(self) -> int:
        """Number of the page."""
        return self.asked.page

    @property
    def has_next(self) -> bool:
        """Whether rows come after these."""
        return self.count > self.number * A_PAGE


def rows(asked: Asked) -> Rows | None:
    """Give a page; None where the tables are not published, or not yet as they are now."""
    state = _state(asked)
    if state is None:
        return None
    summed = [column.name for column in asked.kind.columns if column.summed]
    sums = "".join(f", CAST(sum({n}) AS DOUBLE) AS {n}" for n in map(identifier, summed))
    start = (asked.page - 1) * A_PAGE
    with own_engine() as engine:
        _read(engine, state, asked)
        whole = engine.query(f"SELECT count(*) AS n{sums} FROM told").to_pylist()[0]
        found = engine.query(f"{_sorted(asked)} LIMIT {A_PAGE} OFFSET {start}").to_pylist()
    items = named(found) if _names_customers(asked) else found
    return Rows(state, asked, items, whole.pop("n"), whole)


def everything(asked: Asked) -> Iterator[Row]:
    """Give all rows in their order, for a file."""
    state = _state(asked)
    if state is None:
        return
    with Engine(threads=2) as engine:
        _read(engine, state, asked)
        for batch in engine.reader(_sorted(asked), A_BATCH):
            found = batch.to_pylist()
            yield from named(found) if _names_customers(asked) else found


def _state(asked: Asked) -> Published | None:
    state = published()
    there = state is not None and all(state.has(name) for name in asked.kind.tables)
    return state if there and asked.is_whole else None


def _read(engine: Engine, state: Published, asked: Asked) -> None:
    """Let an engine know the rows as `told`."""
    for name in asked.kind.tables:
        if files := state.files(name):
            engine.register_parquet(name, files)
        else:
            engine.register(name, state.table(name))
    day = date.fromisoformat(state.summary["as_of"])
    engine.view(
        "told", asked.kind.sql.format_map(asked.written({"as_of": day, "zone": settings.TIME_ZONE}))
    )


def _sorted(asked: Asked) -> str:
    way = "DESC" if asked.sort.startswith("-") else "ASC"
    order = f"{identifier(asked.sort.lstrip('-'))} {way} NULLS LAST, {asked.kind.tie}"
    return f"SELECT * FROM told ORDER BY {order}"


def _names_customers(asked: Asked) -> bool:
    return any(column.form == "customer" for column in asked.kind.columns)
