"""PostgreSQL: one read-only transaction a statement, a cursor on the server, keepalives.

A SELECT goes by the extended protocol within a transaction that is read-only, so that the server
itself refuses a second statement and every change of data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from psycopg.types.string import TextLoader

from kizuna.pipeline.capture.databases.addresses import Address
from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.pipeline.capture.databases.sessions import CONNECT_SECONDS, Batch, Lost, first_line
from kizuna.pipeline.capture.databases.values import Column, Type

TYPES: dict[str, Type] = {
    "int2": "whole",
    "int4": "whole",
    "int8": "whole",
    "oid": "whole",
    "float4": "real",
    "float8": "real",
    "numeric": "decimal",
    "bool": "truth",
    "date": "date",
    "timestamp": "moment",
    "timestamptz": "instant",
}
TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND NOT c.relispartition
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
    ORDER BY n.nspname, c.relname
"""
KEY = """
    SELECT a.attname FROM pg_index i
    JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place) ON true
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE i.indisprimary AND n.nspname = %s AND c.relname = %s ORDER BY k.place
"""
NO_WAY_BACK = ("08", "57P", "53300")
"""Classes of errors after which another connection may succeed."""


class _Date(DateLoader):
    def load(self, data: Any) -> Any:
        with suppress(psycopg.DataError):  # infinity, or before our era
            return super().load(data)


class _Moment(TimestampLoader):
    def load(self, data: Any) -> Any:
        with suppress(psycopg.DataError):
            return super().load(data)


class _Instant(TimestamptzLoader):
    def load(self, data: Any) -> Any:
        with suppress(psycopg.DataError):
            return super().load(data)


LOADERS: dict[str, Any] = {
    "json": TextLoader,
    "jsonb": TextLoader,
    "date": _Date,
    "timestamp": _Moment,
    "timestamptz": _Instant,
}


class PostgreSQL:
    """A connection to PostgreSQL."""

    mark = "%s"

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]], seconds: int) -> None:
        self.connection, self.seconds = connection, seconds

    def tables(self) -> list[tuple[str, ...]]:
        """Name the tables and views that this user may read."""
        return [(row[0], row[1]) for batch in self.batches(TABLES, (), 1000) for row in batch.rows]

    def key_of(self, table: tuple[str, ...]) -> tuple[str, ...]:
        """Name the columns of a table's primary key."""
        return tuple(row[0] for batch in self.batches(KEY, table, 100) for row in batch.rows)

    def quoted(self, name: str) -> str:
        """Quote a name for SQL."""
        return self.escaped('"' + name.replace('"', '""') + '"')

    def escaped(self, text: str) -> str:
        """Write SQL of someone else so that values can be put beside it."""
        return text.replace("%", "%%")

    def batches(self, sql: str, values: Sequence[Any], size: int) -> Iterator[Batch]:
        """Run one SELECT and give its rows as they come."""
        with (
            told(self.seconds),
            self.connection.transaction(force_rollback=True),
            self.connection.cursor(name="kizuna") as cursor,
        ):
            cursor.execute(sql.encode(), tuple(values))
            columns = tuple(_column(found) for found in cursor.description or ())
            rows = cursor.fetchmany(size)
            yield Batch(columns, rows)
            while len(rows) == size:
                rows = cursor.fetchmany(size)
                if rows:
                    yield Batch(columns, rows)

    def close(self) -> None:
        """End it."""
        self.connection.close()


def connect(address: Address, place: str, seconds: int) -> PostgreSQL:
    """Open a connection that is read-only from its first moment."""
    try:
        connection = psycopg.connect(
            host=address.host,
            hostaddr="" if address.is_socket else place,
            port=address.usual_port,
            dbname=address.database,
            user=address.user or None,
            password=address.password or None,
            # no password of whoever runs this program, and no file of theirs
            passfile="/dev/null",
            sslmode=address.security,
            sslrootcert="system" if address.security == "verify-full" else None,
            gssencmode="disable",
            connect_timeout=CONNECT_SECONDS,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=30_000,
            application_name="kizuna",
            client_encoding="utf8",
            autocommit=True,
            options="-c default_transaction_read_only=on -c TimeZone=UTC -c DateStyle=ISO "
            f"-c statement_timeout={1000 * seconds} -c lock_timeout={1000 * CONNECT_SECONDS}",
        )
    except psycopg.OperationalError as error:
        raise _unopened(error, address) from None
    for name, loader in LOADERS.items():
        connection.adapters.register_loader(name, loader)
    connection.read_only = True
    return PostgreSQL(connection, seconds)


def _unopened(error: psycopg.OperationalError, address: Address) -> Refusal:
    text = first_line(error)
    if "authentication failed" in text or "no password supplied" in text:
        return Refusal("password", host=address.host, user=address.user)
    if "database" in text and ("does not exist" in text or "permission denied" in text):
        return Refusal("no_database", host=address.host, database=address.database)
    return Refusal("unreachable", host=address.host, reason=text.rpartition("failed: ")[2])


@contextmanager
def told(seconds: int) -> Iterator[None]:
    """Say what the server refuses in our words."""
    try:
        yield
    except errors.QueryCanceled:
        raise Refusal("too_slow", seconds=str(seconds)) from None
    except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction) as error:
        raise Refusal("not_allowed", reason=first_line(error)) from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        state = error.sqlstate
        if state is None or state.startswith(NO_WAY_BACK):
            raise Lost(first_line(error)) from error
        raise Refusal("wrong_query", reason=first_line(error)) from None
    except psycopg.Error as error:
        raise Refusal("wrong_query", reason=first_line(error)) from None


def _column(found: psycopg.Column) -> Column:
    known = psycopg.adapters.types.get(found.type_code)
    kind = TYPES.get(known.name, "text") if known else "text"
    return Column(found.name, kind, found.scale if kind == "decimal" else None)
