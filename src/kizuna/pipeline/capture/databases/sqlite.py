"""SQLite: the file opened read-only, and nothing allowed but to read what is in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from time import monotonic
from typing import Any
from urllib.parse import quote

from kizuna.pipeline.capture.databases.addresses import Address
from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.pipeline.capture.databases.sessions import CONNECT_SECONDS, Batch, first_line
from kizuna.pipeline.capture.databases.values import Column

READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
STEPS = 100_000
"""Instructions of SQLite's machine between two looks at the clock."""
TABLES = """
    SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%'
    ESCAPE '\\' ORDER BY name
"""


class SQLite:
    """A connection to a file of SQLite."""

    mark = "?"

    def __init__(self, connection: sqlite3.Connection, name: str, seconds: int) -> None:
        self.connection, self.name, self.seconds = connection, name, seconds
        self.keys = {
            row[0]: tuple(key[0] for key in connection.execute(KEY, row))
            for row in connection.execute(TABLES).fetchall()
        }
        connection.set_authorizer(_only_reading)

    def tables(self) -> list[tuple[str, ...]]:
        """Name the tables and views."""
        return [(name,) for name in self.keys]

    def key_of(self, table: tuple[str, ...]) -> tuple[str, ...]:
        """Name the columns of a table's primary key."""
        return self.keys.get(table[-1], ())

    def quoted(self, name: str) -> str:
        """Quote a name for SQL."""
        return '"' + name.replace('"', '""') + '"'

    def escaped(self, text: str) -> str:
        """Write SQL of someone else so that values can be put beside it."""
        return text

    def batches(self, sql: str, values: Sequence[Any], size: int) -> Iterator[Batch]:
        """Run one SELECT and give its rows as they come."""
        self._begin()
        with (
            told(self.name, self.seconds),
            closing(self.connection.execute(sql, tuple(values))) as cursor,
        ):
            columns = tuple(Column(name) for name, *_rest in cursor.description or ())
            rows = cursor.fetchmany(size)
            yield Batch(columns, rows)
            while len(rows) == size:
                self._begin()
                rows = cursor.fetchmany(size)
                if rows:
                    yield Batch(columns, rows)

    def close(self) -> None:
        """End it."""
        self.connection.close()

    def _begin(self) -> None:
        """Give SQLite its time anew; what we do with rows in between does not count."""
        end = monotonic() + self.seconds
        self.connection.set_progress_handler(lambda: monotonic() > end, STEPS)


KEY = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk"


def connect(address: Address, place: str, seconds: int) -> SQLite:
    """Open a file so that it cannot be written, whatever is asked of it."""
    with told(address.database, seconds):
        connection = sqlite3.connect(
            f"file:{quote(place)}?mode=ro", uri=True, timeout=CONNECT_SECONDS
        )
        connection.text_factory = _text
        try:
            connection.execute("PRAGMA query_only = ON")
            return SQLite(connection, address.database, seconds)
        except BaseException:
            connection.close()
            raise


@contextmanager
def told(name: str, seconds: int) -> Iterator[None]:
    """Say what SQLite refuses in our words."""
    try:
        yield
    except sqlite3.Error as error:
        text = first_line(error)
        code = getattr(error, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_INTERRUPT:
            raise Refusal("too_slow", seconds=str(seconds)) from None
        if code == sqlite3.SQLITE_AUTH:
            raise Refusal("one_select") from None
        if code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_RANGE, None):
            raise Refusal("wrong_query", reason=text) from None
        raise Refusal("no_sqlite", name=name, reason=text) from None


def _only_reading(action: int, *_rest: object) -> int:
    return sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
