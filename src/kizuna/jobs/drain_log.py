"""What the drain remembers: every message id, for the life of the data, and what each batch held.

A file beside the store. It can be made again from the tables, and is put right from them at each
start: it may be behind them after a loss of power, and ahead of them after a restored backup.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store

TABLES = """
CREATE TABLE IF NOT EXISTS seen (id BLOB PRIMARY KEY, drain_no INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_by_drain ON seen (drain_no);
CREATE TABLE IF NOT EXISTS drains (
    drain_no INTEGER PRIMARY KEY, at REAL, requests INTEGER,
    accepted INTEGER, rejected INTEGER, duplicates INTEGER, seconds REAL, waited REAL
);
CREATE TEMP TABLE asked (id BLOB PRIMARY KEY) WITHOUT ROWID;
"""
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA temp_store=MEMORY")
EVENTS = "received_events"
WRITER = "inbox"


@dataclass(frozen=True, slots=True)
class Drained:
    """What one batch held.

    Attributes
    ----------
    requests, accepted, rejected, duplicates : requests, and what became of their messages.
    seconds : how long the batch took.
    waited : seconds from the receipt of its oldest message until it was in the tables.

    """

    number: int
    at: datetime
    requests: int
    accepted: int
    rejected: int
    duplicates: int
    seconds: float
    waited: float


class DrainLog:
    """The memory of the drain in a file; the one who drains writes, everyone may read."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(
            path, timeout=20, isolation_level=None, check_same_thread=False
        )
        for pragma in PRAGMAS:
            self.connection.execute(pragma)
        self.connection.executescript(TABLES)

    def put_right(self, store: Store) -> None:
        """Forget batches that the tables do not have, and learn those that we do not know."""
        last = store.batch_of(EVENTS, WRITER)
        self.connection.execute("DELETE FROM seen WHERE drain_no > ?", [last])
        known = self.connection.execute("SELECT max(drain_no) FROM seen").fetchone()[0] or 0
        if known < last:
            self._learn(store, known)

    def _learn(self, store: Store, known: int) -> None:
        with Engine(threads=2) as engine:
            store.register(engine, EVENTS)
            # the last batch that we know may be known in part only
            sql = f"SELECT message_id, drain_no FROM {EVENTS} WHERE drain_no >= {int(known)}"
            for batch in engine.reader(sql):
                rows = zip(*(batch.column(at).to_pylist() for at in (0, 1)), strict=True)
                self._keep([(digest(name), number) for name, number in rows])

    def new_ones(self, names: Sequence[str], number: int) -> list[bool]:
        """Say of each message whether it is the first of its name, and remember it.

        Asked again for the batch of the same number, the answer is the same.
        """
        ids = [digest(name) for name in names]
        known = self._known_before(ids, number)
        first = [id_ not in known and not known.add(id_) for id_ in ids]  # type: ignore[func-returns-value]
        self._keep([(id_, number) for id_, new in zip(ids, first, strict=True) if new])
        return first

    def _known_before(self, ids: Sequence[bytes], number: int) -> set[bytes]:
        self.connection.execute("DELETE FROM asked")
        self.connection.executemany("INSERT OR IGNORE INTO asked VALUES (?)", [(i,) for i in ids])
        sql = "SELECT id FROM asked CROSS JOIN seen USING (id) WHERE drain_no < ?"
        return {id_ for (id_,) in self.connection.execute(sql, [number])}

    def _keep(self, rows: Sequence[tuple[bytes, int]]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            self.connection.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", rows)
        finally:
            self.connection.execute("COMMIT")

    def note(self, done: Drained) -> None:
        """Remember what a batch held."""
        values = (
            done.number,
            done.at.timestamp(),
            done.requests,
            done.accepted,
            done.rejected,
            done.duplicates,
            done.seconds,
            done.waited,
        )
        self.connection.execute(
            "INSERT OR REPLACE INTO drains VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values
        )

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over batches since a moment."""

    accepted: int
    rejected: int
    duplicates: int
    slowest: float | None
    last_at: datetime | None


def tally(path: Path, since: datetime) -> Tally:
    """Sum up what came out of the inbox since a moment."""
    if not path.exists():
        return Tally(0, 0, 0, None, None)
    sql = (
        "SELECT coalesce(sum(accepted), 0), coalesce(sum(rejected), 0), "
        "coalesce(sum(duplicates), 0), max(waited), (SELECT max(at) FROM drains) "
        "FROM drains WHERE at >= ?"
    )
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as connection:
        accepted, rejected, twice, slowest, last = connection.execute(
            sql, [since.timestamp()]
        ).fetchone()
    at = None if last is None else datetime.fromtimestamp(last, UTC)
    return Tally(accepted, rejected, twice, slowest, at)


def digest(name: str) -> bytes:
    """Make a short name of a message's; it tells nothing of the message."""
    return blake2b(name.encode(), digest_size=16).digest()
