"""Write a table anew beside the one that is read, and put it in its place at one stroke.

No lock is held longer than one batch or one index takes. What a run that broke off left behind is
cleared away by the next. The table keeps its name, and its indexes theirs, so that migrations and
hints find them.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper

from kizuna.pipeline.engine import identifier, quoted

NEW, FORMER = "_beside", "_former"
CACHE = -128_000
"""Kilobytes of pages that SQLite keeps while it makes indexes; otherwise two thousand."""


class Beside:
    """A table being written beside that of a model, with the same columns and indexes."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        self.table, self.columns = model._meta.db_table, columns
        self.sides: Sides = SQLite() if connection.vendor == "sqlite" else PostgreSQL()

    def add(self, rows: list[Sequence[Any]]) -> None:
        """Write rows to it."""
        with transaction.atomic(), connection.cursor() as cursor:
            self.sides.add(cursor, self.table + NEW, self.columns, rows)

    def __enter__(self) -> Self:
        self._clear()
        with connection.cursor() as cursor:
            self.sides.begin(cursor, self.table)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._complete()
        self._clear()

    def _complete(self) -> None:
        with connection.cursor() as cursor:
            for statement in self.sides.indexes(cursor, self.table):
                cursor.execute(statement)
            cursor.execute(f"ANALYZE {identifier(self.table + NEW)}")
        with transaction.atomic(), connection.cursor() as cursor:
            self.sides.swap(cursor, self.table)

    def _clear(self) -> None:
        """Drop what is not read, an index at a time, so that nobody waits for long."""
        with connection.cursor() as cursor:
            for table in (self.table + NEW, self.table + FORMER):
                self.sides.drop(cursor, table)


class SQLite:
    """SQLite renames no index: names are changed where it keeps them, as its ALTER TABLE does."""

    def begin(self, cursor: CursorWrapper, table: str) -> None:
        """Make an empty table of the same columns."""
        cursor.execute(f"PRAGMA cache_size = {CACHE}")
        cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute(f"SELECT sql FROM sqlite_schema WHERE name = {quoted(table)}")
        (made,) = cursor.fetchone()
        cursor.execute(_renamed(made, table, table + NEW))

    def add(
        self, cursor: CursorWrapper, table: str, columns: Sequence[str], rows: list[Sequence[Any]]
    ) -> None:
        """Write rows."""
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(
            f"INSERT INTO {identifier(table)} ({', '.join(columns)}) VALUES ({places})", rows
        )

    def indexes(self, cursor: CursorWrapper, table: str) -> list[str]:
        """Give the statements that make its indexes, under names of their own."""
        return [
            _renamed(_renamed(made, name, name + NEW), table, table + NEW)
            for name, made in _sqlite_indexes(cursor, table)
        ]

    def swap(self, cursor: CursorWrapper, table: str) -> None:
        """Exchange the names of both tables and of their indexes."""
        names = [name for name, _ in _sqlite_indexes(cursor, table)]
        for former, now in ((table, table + FORMER), (table + NEW, table)):
            cursor.execute(f"ALTER TABLE {identifier(former)} RENAME TO {identifier(now)}")
        cursor.execute("PRAGMA writable_schema = ON")
        for name in names:
            for former, now in ((name, name + FORMER), (name + NEW, name)):
                cursor.execute(
                    "UPDATE sqlite_schema SET name = %s, sql = replace(sql, %s, %s) "
                    "WHERE type = 'index' AND name = %s",
                    [now, identifier(former), identifier(now), former],
                )
        cursor.execute("PRAGMA writable_schema = RESET")

    def drop(self, cursor: CursorWrapper, table: str) -> None:
        """Drop a table and its indexes, where they are."""
        for name, _ in _sqlite_indexes(cursor, table):
            cursor.execute(f"DROP INDEX {identifier(name)}")
        cursor.execute(f"DROP TABLE IF EXISTS {identifier(table)}")
        cursor.execute("PRAGMA cache_size = -2000")


class PostgreSQL:
    """PostgreSQL renames everything, and takes rows by COPY."""

    def begin(self, cursor: CursorWrapper, table: str) -> None:
        """Make an empty table of the same columns."""
        cursor.execute(
            f"CREATE TABLE {identifier(table + NEW)} (LIKE {identifier(table)} INCLUDING ALL "
            "EXCLUDING INDEXES)"
        )

    def add(
        self, cursor: CursorWrapper, table: str, columns: Sequence[str], rows: list[Sequence[Any]]
    ) -> None:
        """Write rows."""
        with cursor.copy(f"COPY {identifier(table)} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def indexes(self, cursor: CursorWrapper, table: str) -> list[str]:
        """Give the statements that make its indexes, under names of their own."""
        cursor.execute(
            "SELECT i.relname, pg_get_indexdef(i.oid), x.indisprimary "
            "FROM pg_index AS x INNER JOIN pg_class AS i ON x.indexrelid = i.oid "
            f"WHERE x.indrelid = {quoted(identifier(table))}::regclass"
        )
        made = []
        for name, statement, primary in cursor.fetchall():
            head, body = statement.split(" ON ", 1)
            where = body.split(" USING ", 1)[1]
            head = "CREATE UNIQUE INDEX" if head.startswith("CREATE UNIQUE") else "CREATE INDEX"
            new, on = identifier(name + NEW), identifier(table + NEW)
            made.append(f"{head} {new} ON {on} USING {where}")
            if primary:
                made.append(f"ALTER TABLE {on} ADD PRIMARY KEY USING INDEX {new}")
        return made

    def swap(self, cursor: CursorWrapper, table: str) -> None:
        """Exchange the names of both tables and of their indexes."""
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", [table])
        names = [name for (name,) in cursor.fetchall()]
        for former, now in ((table, table + FORMER), (table + NEW, table)):
            cursor.execute(f"ALTER TABLE {identifier(former)} RENAME TO {identifier(now)}")
        for name in names:
            for former, now in ((name, name + FORMER), (name + NEW, name)):
                cursor.execute(f"ALTER INDEX {identifier(former)} RENAME TO {identifier(now)}")

    def drop(self, cursor: CursorWrapper, table: str) -> None:
        """Drop a table and its indexes, where they are."""
        cursor.execute(f"DROP TABLE IF EXISTS {identifier(table)}")


type Sides = SQLite | PostgreSQL


def _sqlite_indexes(cursor: CursorWrapper, table: str) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT name, sql FROM sqlite_schema "
        f"WHERE type = 'index' AND tbl_name = {quoted(table)} AND sql IS NOT NULL"
    )
    return [(str(name), str(made)) for name, made in cursor.fetchall()]


def _renamed(made: str, former: str, now: str) -> str:
    return made.replace(identifier(former), identifier(now))
