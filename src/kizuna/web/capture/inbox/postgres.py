"""The inbox as two tables of a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import Any, Final

import psycopg

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

# writers share it, a claim has it alone: a number that is not yet committed is in no claim
LOCK: Final = 0x4B495A55
TABLES: Final = """
CREATE TABLE IF NOT EXISTS inbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at bigint NOT NULL,
    key_id bigint NOT NULL,
    path text NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE IF NOT EXISTS inbox_claims (
    drain_no bigint PRIMARY KEY,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL CHECK (last_id >= first_id)
);
"""
KEPT: Final = "COPY inbox (received_at, key_id, path, body) FROM STDIN (FORMAT binary)"
ROWS: Final = "SELECT id, received_at, key_id, path, body FROM inbox WHERE id BETWEEN %s AND %s"


class PostgresInbox:
    """An inbox in a database; several processes may use it at once."""

    def __init__(self, conninfo: str = "", **parameters: Any) -> None:
        self._lock, self._where = RLock(), (conninfo, parameters)
        self._held: psycopg.Connection[tuple[Any, ...]] | None = None
        with self._writing() as connection:
            # two starts at once would both make the table
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            connection.execute(TABLES)

    def append(self, entries: Sequence[Arrival]) -> None:
        """Keep arrivals, all or none; once this returns they outlast a loss of power."""
        with self._writing() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", (LOCK,))
            with cursor.copy(KEPT) as copy:
                copy.set_types(["int8", "int8", "text", "bytea"])
                for e in entries:
                    copy.write_row((microseconds(e.received_at), e.key_id, e.path, e.body))

    def claim(self, drain_no: int, limit: int, most_bytes: int = CLAIM_BYTES) -> list[Entry]:
        """Set the oldest unclaimed entries aside under a number, and give them."""
        with self._writing() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            if not self._range(connection, drain_no):
                self._set_aside(connection, drain_no, limit, most_bytes)
        return self.claimed(drain_no)

    def _set_aside(
        self, connection: psycopg.Connection[Any], drain_no: int, limit: int, most_bytes: int
    ) -> None:
        sizes = connection.execute(
            "SELECT id, length(body) FROM inbox WHERE id > "
            "(SELECT coalesce(max(last_id), 0) FROM inbox_claims) ORDER BY id LIMIT %s",
            (limit,),
        ).fetchall()
        if sizes:
            last = last_within(sizes, most_bytes)
            values = (drain_no, sizes[0][0], last)
            connection.execute("INSERT INTO inbox_claims VALUES (%s, %s, %s)", values)

    def claimed(self, drain_no: int) -> list[Entry]:
        """Give the entries that are set aside under a number."""
        with self._writing() as connection:
            found = self._range(connection, drain_no)
            rows = connection.execute(f"{ROWS} ORDER BY id", found, binary=True) if found else ()
            return [entry(row) for row in rows]

    def settle(self, drain_no: int) -> int:
        """Delete the entries of a number, which tables have now; give how many."""
        with self._writing() as connection:
            if not (found := self._range(connection, drain_no)):
                return 0
            gone = connection.execute("DELETE FROM inbox WHERE id BETWEEN %s AND %s", found)
            connection.execute("DELETE FROM inbox_claims WHERE drain_no = %s", (drain_no,))
            return gone.rowcount

    def unsettled(self) -> list[int]:
        """Give the numbers that were claimed and not settled, lowest first."""
        with self._writing() as connection:
            query = "SELECT drain_no FROM inbox_claims ORDER BY drain_no"
            return [number for (number,) in connection.execute(query)]

    def depth(self) -> int:
        """Say how many entries there are, claimed ones included; at once, at any depth.

        Numbers that were lost to a failed write may be counted too, while they lie in between.
        """
        with self._writing() as connection:
            row = connection.execute("SELECT max(id) - min(id) + 1 FROM inbox").fetchone()
            return int(row[0] or 0) if row else 0

    def oldest(self) -> datetime | None:
        """Say when the oldest entry was received."""
        with self._writing() as connection:
            query = "SELECT received_at FROM inbox ORDER BY id LIMIT 1"
            row = connection.execute(query).fetchone()
            return moment(row[0]) if row else None

    def scrub(self) -> None:
        """Leave no byte of deleted entries in the table's files."""
        with self._lock, _troubles():
            self._connected().execute("VACUUM FULL inbox")

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._held:
                self._held.close()
            self._held = None

    def _range(self, connection: psycopg.Connection[Any], drain_no: int) -> tuple[int, int] | None:
        query = "SELECT first_id, last_id FROM inbox_claims WHERE drain_no = %s"
        found: tuple[int, int] | None = connection.execute(query, (drain_no,)).fetchone()
        return found

    @contextmanager
    def _writing(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        with self._lock, _troubles():
            connection = self._connected()
            try:
                with connection.transaction():
                    yield connection
            except psycopg.OperationalError:
                # the server may be back at the next try, and this connection is not
                connection.close()
                raise

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._held is None or self._held.closed:
            conninfo, parameters = self._where
            self._held = psycopg.connect(conninfo, autocommit=True, **parameters)
            # whatever the server's default: an acknowledged event is on the disk
            self._held.execute("SET synchronous_commit = on")
        return self._held


@contextmanager
def _troubles() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise InboxError(str(error)) from error
