"""MySQL and MariaDB: a session that is read-only, one statement at a time, rows as they come.

The socket is ours, opened to the very address that was looked up; the name stays for TLS.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from typing import Any

import pymysql
from pymysql.constants import ER, FIELD_TYPE
from pymysql.converters import conversions, convert_date, convert_datetime
from pymysql.cursors import SSCursor

from kizuna.pipeline.capture.databases.addresses import Address
from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.pipeline.capture.databases.sessions import (
    CONNECT_SECONDS,
    STATEMENT_SECONDS,
    Batch,
    Lost,
    first_line,
)
from kizuna.pipeline.capture.databases.values import Column, Type

TYPES: dict[int, Type] = {
    FIELD_TYPE.TINY: "whole",
    FIELD_TYPE.SHORT: "whole",
    FIELD_TYPE.INT24: "whole",
    FIELD_TYPE.LONG: "whole",
    FIELD_TYPE.LONGLONG: "whole",
    FIELD_TYPE.YEAR: "whole",
    FIELD_TYPE.FLOAT: "real",
    FIELD_TYPE.DOUBLE: "real",
    FIELD_TYPE.DECIMAL: "decimal",
    FIELD_TYPE.NEWDECIMAL: "decimal",
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.DATETIME: "moment",
    FIELD_TYPE.TIMESTAMP: "instant",
}
TABLES = """
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
    ORDER BY table_schema, table_name
"""
KEY = """
    SELECT column_name FROM information_schema.key_column_usage
    WHERE constraint_name = 'PRIMARY' AND table_schema = %s AND table_name = %s
    ORDER BY ordinal_position
"""
GONE = {1040, 1053, 1077, 1080, 1152, 1158, 1159, 1160, 1161, 1927, 2003, 2006, 2013, 2055}
"""Numbers of errors after which another connection may succeed."""
TOO_SLOW = {1969, 3024}
DENIED = {
    ER.TABLEACCESS_DENIED_ERROR,
    ER.COLUMNACCESS_DENIED_ERROR,
    ER.SPECIFIC_ACCESS_DENIED_ERROR,
    1290,
    1792,
}


def _day(text: Any) -> date | None:
    found = convert_date(text)
    return found if isinstance(found, date) else None  # 0000-00-00 is no day


def _moment(text: Any) -> datetime | None:
    found = convert_datetime(text)
    return found if isinstance(found, datetime) else None


CONVERSIONS = conversions | {
    FIELD_TYPE.DATE: _day,
    FIELD_TYPE.DATETIME: _moment,
    FIELD_TYPE.TIMESTAMP: _moment,
}


class MySQL:
    """A connection to MySQL or MariaDB."""

    mark = "%s"

    def __init__(self, connection: pymysql.Connection[Any], seconds: int) -> None:
        self.connection, self.seconds = connection, seconds

    def tables(self) -> list[tuple[str, ...]]:
        """Name the tables and views that this user may read."""
        return [(row[0], row[1]) for batch in self.batches(TABLES, (), 1000) for row in batch.rows]

    def key_of(self, table: tuple[str, ...]) -> tuple[str, ...]:
        """Name the columns of a table's primary key."""
        return tuple(row[0] for batch in self.batches(KEY, table, 100) for row in batch.rows)

    def quoted(self, name: str) -> str:
        """Quote a name for SQL."""
        return self.escaped("`" + name.replace("`", "``") + "`")

    def escaped(self, text: str) -> str:
        """Write SQL of someone else so that values can be put beside it."""
        return text.replace("%", "%%")

    def batches(self, sql: str, values: Sequence[Any], size: int) -> Iterator[Batch]:
        """Run one SELECT and give its rows as they come."""
        with told(self.seconds), self._cursor() as cursor:
            cursor.execute(sql, tuple(values))
            columns = tuple(_column(found) for found in cursor.description or ())
            rows = list(cursor.fetchmany(size))
            yield Batch(columns, rows)
            while len(rows) == size:
                rows = list(cursor.fetchmany(size))
                if rows:
                    yield Batch(columns, rows)

    @contextmanager
    def _cursor(self) -> Iterator[SSCursor]:
        cursor = self.connection.cursor(SSCursor)
        try:
            yield cursor
        finally:
            left: Any = cursor._result  # type: ignore[attr-defined]
            if left is not None and left.unbuffered_active:
                # closing would first fetch what is left, however much, even from a lost server
                left.unbuffered_active = False
                self.close()
            cursor.close()

    def close(self) -> None:
        """End it, whatever is still on its way."""
        with suppress(pymysql.Error, OSError):
            self.connection._force_close()  # type: ignore[attr-defined]


def connect(address: Address, place: str, seconds: int) -> MySQL:
    """Open a connection and make its session read-only."""
    connection = pymysql.Connection(
        host="localhost" if address.is_socket else address.host,
        user=address.user or None,
        password=address.password,
        database=address.database,
        charset="utf8mb4",
        conv=CONVERSIONS,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=min(seconds, STATEMENT_SECONDS) + CONNECT_SECONDS,
        write_timeout=CONNECT_SECONDS,
        autocommit=True,
        local_infile=False,
        defer_connect=True,
        **_security(address),
    )
    try:
        connection.connect(_socket(address, place))
        _prepare(connection, seconds)
    except (pymysql.Error, OSError) as error:
        MySQL(connection, seconds).close()
        raise _unopened(error, address) from None
    return MySQL(connection, seconds)


def _prepare(connection: pymysql.Connection[Any], seconds: int) -> None:
    version = str(connection.server_version)  # type: ignore[attr-defined]
    limit = (
        f"max_statement_time = {seconds}"
        if "MariaDB" in version
        else f"max_execution_time = {1000 * seconds}"
    )
    with closing(connection.cursor()) as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        # rows that are fetched slowly are no slow statement: they are waited for by the socket
        cursor.execute(f"SET SESSION time_zone = '+00:00', net_write_timeout = 600, {limit}")


def _socket(address: Address, place: str) -> socket.socket:
    if not address.is_socket:
        found = socket.create_connection((place, address.usual_port), CONNECT_SECONDS)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return found
    found = socket.socket(socket.AF_UNIX)
    found.settimeout(CONNECT_SECONDS)
    try:
        found.connect(place)
    except OSError:
        found.close()
        raise
    return found


def _security(address: Address) -> dict[str, Any]:
    if address.is_socket or address.security == "disable":
        return {"ssl_disabled": True}
    if address.security == "prefer":
        return {}
    context = ssl.create_default_context()
    if address.security == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return {"ssl": context}


def _unopened(error: Exception, address: Address) -> Refusal:
    number = error.args[0] if error.args else None
    text = first_line(error.args[1] if len(error.args) > 1 else error)
    if number in (ER.ACCESS_DENIED_ERROR, 1698, 2061):
        return Refusal("password", host=address.host, user=address.user)
    if number in (ER.BAD_DB_ERROR, ER.DBACCESS_DENIED_ERROR):
        return Refusal("no_database", host=address.host, database=address.database)
    return Refusal("unreachable", host=address.host, reason=text)


@contextmanager
def told(seconds: int) -> Iterator[None]:
    """Say what the server refuses in our words."""
    try:
        yield
    except (pymysql.Error, OSError) as error:
        number = error.args[0] if error.args else None
        text = first_line(error.args[1] if len(error.args) > 1 else error)
        if number in TOO_SLOW:
            raise Refusal("too_slow", seconds=str(seconds)) from None
        if number in DENIED:
            raise Refusal("not_allowed", reason=text) from None
        if number in GONE or not isinstance(error, pymysql.Error) or number == 0:
            raise Lost(text) from error
        if isinstance(error, pymysql.InterfaceError):
            raise Lost(text) from error
        raise Refusal("wrong_query", reason=text) from None


def _column(found: Any) -> Column:
    name, code, _shown, _inner, _precision, scale, _empty = found
    kind = TYPES.get(code, "text")
    return Column(name, kind, scale if kind == "decimal" else None)
