"""The inbox as an SQLite file of its own, synced at each commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Final

from kizuna.web.capture.inbox.entries import (
    CLAIM_BYTES,
    Arrival,
    Entry,
    InboxError,
    entry,
    last_within,
    microseconds,
    moment,
)

PATIENCE_SECONDS: Final = 20.0
# numbers are never given twice, and rise in the order of commits: SQLite has one writer
TABLES: Final = """
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    path TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS inbox_claims (
    drain_no INTEGER PRIMARY KEY,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL CHECK (last_id >= first_id)
) STRICT;
"""
# bodies of batches span many pages: larger ones keep them at 57 % of the processor time, and the
# log is as long as with pages of 4 KiB; a file that is there keeps the pages it was made with
PRAGMAS: Final = (
    "PRAGMA page_size=16384",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=1000",
    "PRAGMA journal_size_limit=67108864",
)
ROWS: Final = "SELECT id, received_at, key_id, path, body FROM inbox WHERE id BETWEEN ? AND ?"


class SQLiteInbox:
    """An inbox in a file; several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        with _troubles():
            self._connection = sqlite3.connect(
                path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
            )
            for pragma in PRAGMAS:
                self._connection.execute(pragma)
            self._connection.executescript(TABLES)
        path.chmod(0o600)

    def append(self, entries: Sequence[Arrival]) -> None:
        """Keep arrivals, all or none; once this returns they outlast a loss of power."""
        rows = [(microseconds(e.received_at), e.key_id, e.path, e.body) for e in entries]
        with self._writing() as connection:
            connection.executemany(
                "INSERT INTO inbox (received_at, key_id, path, body) VALUES (?, ?, ?, ?)", rows
            )

    def claim(self, drain_no: int, limit: int, most_bytes: int = CLAIM_BYTES) -> list[Entry]:
        """Set the oldest unclaimed entries aside under a number, and give them."""
        with self._writing() as connection:
            if not self._range(drain_no):
                after = connection.execute("SELECT max(last_id) FROM inbox_claims").fetchone()[0]
                sizes = connection.execute(
                    "SELECT id, length(body) FROM inbox WHERE id > ? ORDER BY id LIMIT ?",
                    (after or 0, limit),
                ).fetchall()
                if sizes:
                    last = last_within(sizes, most_bytes)
                    connection.execute(
                        "INSERT INTO inbox_claims VALUES (?, ?, ?)", (drain_no, sizes[0][0], last)
                    )
        return self.claimed(drain_no)

    def claimed(self, drain_no: int) -> list[Entry]:
        """Give the entries that are set aside under a number."""
        with self._lock, _troubles():
            found = self._range(drain_no)
            rows = self._connection.execute(f"{ROWS} ORDER BY id", found) if found else ()
            return [entry(row) for row in rows]

    def settle(self, drain_no: int) -> int:
        """Delete the entries of a number, which tables have now; give how many."""
        with self._writing() as connection:
            if not (found := self._range(drain_no)):
                return 0
            gone = connection.execute("DELETE FROM inbox WHERE id BETWEEN ? AND ?", found)
            connection.execute("DELETE FROM inbox_claims WHERE drain_no = ?", (drain_no,))
            return gone.rowcount

    def unsettled(self) -> list[int]:
        """Give the numbers that were claimed and not settled, lowest first."""
        with self._lock, _troubles():
            query = "SELECT drain_no FROM inbox_claims ORDER BY drain_no"
            return [number for (number,) in self._connection.execute(query)]

    def depth(self) -> int:
        """Say how many entries there are, claimed ones included; at once, at any depth."""
        with self._lock, _troubles():
            # two look-ups at the ends; together they would read everything
            query = "SELECT (SELECT max(id) FROM inbox) - (SELECT min(id) FROM inbox) + 1"
            return int(self._connection.execute(query).fetchone()[0] or 0)

    def oldest(self) -> datetime | None:
        """Say when the oldest entry was received."""
        with self._lock, _troubles():
            query = "SELECT received_at FROM inbox ORDER BY id LIMIT 1"
            row = self._connection.execute(query).fetchone()
            return moment(row[0]) if row else None

    def scrub(self) -> None:
        """Leave no byte of deleted entries on the disk."""
        with self._lock, _troubles():
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _range(self, drain_no: int) -> tuple[int, int] | None:
        query = "SELECT first_id, last_id FROM inbox_claims WHERE drain_no = ?"
        found: tuple[int, int] | None = self._connection.execute(query, (drain_no,)).fetchone()
        return found

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _troubles():
            # taken at BEGIN, so that two writers wait instead of failing
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # a full disk has rolled back by itself
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


@contextmanager
def _troubles() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise InboxError(str(error)) from error
