"""PostgreSQL emptied after a test with real transactions as fast as SQLite is.

TRUNCATE makes new files for each table and index, some thousand of them, for the few rows that a
test leaves in a handful of tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql.operations import DatabaseOperations

SUPERUSER = "SET LOCAL session_replication_role = replica"
"""Rows go in any order, and rules that guard them stay out of it, as TRUNCATE would have it."""


@contextmanager
def only_what_has_rows() -> Iterator[None]:
    """Delete the rows of those tables that have any."""
    truncated = DatabaseOperations.sql_flush

    def sql_flush(
        self: Any, style: Any, tables: Sequence[str], *, reset_sequences: bool = False, **how: Any
    ) -> list[str]:
        if reset_sequences or not tables:
            return truncated(self, style, tables, reset_sequences=reset_sequences, **how)
        full = _with_rows(self.connection, tables)
        return [SUPERUSER, *(f"DELETE FROM {self.quote_name(table)}" for table in full)]

    DatabaseOperations.sql_flush = sql_flush
    try:
        yield
    finally:
        DatabaseOperations.sql_flush = truncated


def _with_rows(connection: Any, tables: Sequence[str]) -> list[str]:
    quoted = connection.ops.quote_name
    asked = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {quoted(name)})" for name in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [name for (name,) in cursor.fetchall()]
