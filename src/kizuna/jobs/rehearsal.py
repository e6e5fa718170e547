"""Try a sequence on the past: who would have entered on which day, and what held of them later.

The facts are those of former weeks as they were known then, and who enters is found by the
evaluation of live runs, as alerts that are tried on the past do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from kizuna.jobs.dry_run import Past
from kizuna.jobs.transitions import FRAMES, moved
from kizuna.jobs.watch import Watched
from kizuna.pipeline.engine import Engine

MOST_ENTRIES = 5_000
"""Entries that are followed step by step; the others are counted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer who would have entered on a day."""

    customer_id: str
    day: date


@dataclass(frozen=True, slots=True)
class Later:
    """What held of customers week by week: rule by its place → (customer, day) where it held."""

    days: Sequence[date]
    held: Sequence[frozenset[tuple[str, date]]]

    def holds(self, rule: int, customer_id: str, on: date) -> bool:
        """Whether a rule held at the last week known by a day."""
        known = max((day for day in self.days if day <= on), default=None)
        return known is not None and (customer_id, known) in self.held[rule]


def by_facts(past: Past, watched: Watched) -> list[Entry]:
    """Give who would have entered by what facts told, the earliest first."""
    engine = past.engine
    past.check([watched])
    engine.register("entering", moved(engine, [watched.condition]))
    return _entries(engine, "SELECT customer_id, day FROM entering WHERE begins")


def by_event(engine: Engine, name: str, since: date) -> list[Entry]:
    """Give who would have entered by an event, once a day."""
    if "events" not in engine.names():
        return []
    sql = (
        "SELECT DISTINCT customer_id, CAST(happened_at AS DATE) AS day FROM events "
        "WHERE name = ? AND customer_id IS NOT NULL AND happened_at >= ?"
    )
    return _entries(engine, sql, [name, since])


def _entries(engine: Engine, sql: str, values: Sequence[object] = ()) -> list[Entry]:
    rows = engine.query(f"{sql} ORDER BY day, customer_id", list(values)).to_pylist()
    return [Entry(row["customer_id"], row["day"]) for row in rows]


def later(past: Past, conditions: Sequence[str], customers: Sequence[str]) -> Later:
    """Say what held of some customers, week by week."""
    engine = past.engine
    if not conditions or not customers:
        return Later(past.days, [frozenset()] * len(conditions))
    engine.register("followed", pa.table({"customer_id": pa.array(customers, pa.string())}))
    columns = ", ".join(f"coalesce({sql}, false) AS r{n}" for n, sql in enumerate(conditions))
    rows = engine.query(
        f"SELECT customer_id, day, {columns} FROM {FRAMES} SEMI JOIN followed USING (customer_id)"
    ).to_pylist()
    held = [
        frozenset((row["customer_id"], row["day"]) for row in rows if row[f"r{n}"])
        for n in range(len(conditions))
    ]
    return Later(past.days, held)
