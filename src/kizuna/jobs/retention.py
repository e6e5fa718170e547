"""The retention job: what is older than its period goes, former versions and files included.

Orders, contracts and customers have no period: value is computed of them, and the law asks for
orders for years. A person who is to go altogether is erased.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kizuna.jobs.load import alone
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store

type Tables = Mapping[str, str]

TABLES: Final[Mapping[str, Tables]] = {
    "events": {
        "received_events": "happened_at",
        "events_log": "happened_at",
        "events": "happened_at",
    },
    "interactions": {
        "received_interactions": "happened_at",
        "interactions_log": "happened_at",
        "interactions": "happened_at",
    },
    "responses": {
        "received_responses": "answered_at",
        "responses_log": "answered_at",
        "responses": "answered_at",
    },
    "rejects": {"received_rejects": "received_at"},
}
"""What has a period → its tables, each with its moment; a log before the table made of it."""
FILES: Final = "files"
"""Uploads, and the rows of them that were left out."""
UPLOADS: Final = "uploads"
PATIENCE: Final = 600.0


def months_before(now: datetime, months: int) -> datetime:
    """Give the same day and time some months ago, or the last day of that month."""
    counted = now.year * 12 + now.month - 1 - months
    year, month = counted // 12, counted % 12 + 1
    return now.replace(
        year=year, month=month, day=min(now.day, calendar.monthrange(year, month)[1])
    )


def count(store: Store, kind: str, before: datetime) -> int:
    """Count the rows, or the files, that are older than a moment, and change nothing."""
    if kind == FILES:
        return sum(1 for _ in _files(store, before))
    return sum(_count(store, name, sql) for name, sql in _older(store, kind, before))


def apply(store: Store, kind: str, before: datetime, *, wait: float = PATIENCE) -> int:
    """Let go of what is older than a moment; give how many rows, or files.

    A run that was killed is finished by the next one.

    Raises
    ------
    InputError
        When an import has been running for longer than `wait`.

    """
    gone = 0
    if kind == FILES:
        for path in list(_files(store, before)):
            path.unlink(missing_ok=True)
            gone += 1
        return gone
    with alone(store, wait):
        for name, sql in _older(store, kind, before):
            if _count(store, name, sql):
                gone += store.remove(name, sql)
                store.forget(name)
    return gone


def _older(store: Store, kind: str, before: datetime) -> Iterator[tuple[str, str]]:
    moment = before.astimezone(UTC).replace(tzinfo=None).isoformat()
    there = store.names()
    for name, column in TABLES[kind].items():
        if name in there:
            yield name, f"{column} < '{moment}'"


def _count(store: Store, name: str, condition: str) -> int:
    with Engine(threads=2) as engine:
        store.register(engine, name)
        found = engine.query(f"SELECT count(*) AS n FROM {name} WHERE {condition}")
        return int(found["n"][0].as_py())


def _files(store: Store, before: datetime) -> Iterator[Path]:
    folder = store.folder.parent / UPLOADS
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.stat().st_mtime < before.timestamp():
            yield path
