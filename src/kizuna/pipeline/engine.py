"""The engine that runs SQL: DuckDB in memory. Nothing else in Kizuna opens a connection."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import duckdb
import pyarrow as pa
from duckdb.func import ARROW

type FileFormat = Literal["parquet", "csv"]

EngineError = duckdb.Error
"""What a statement that the engine cannot execute raises."""

IN_ONE_PIECE = 2**30
"""Rows of a batch of Arrow data: looking rows up in many pieces takes several times as long."""

COPY_OPTIONS: dict[str, str] = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER true",
}


class Engine:
    """Tables and views by name, and SQL over them.

    Parameters
    ----------
    threads : threads to use; omitted: all cores up to four, half of them beyond.
    memory_limit : e.g. "2GB"; beyond it, work spills to `temp_directory`.
    temp_directory : folder for what does not fit into memory.

    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        memory_limit: str | None = None,
        temp_directory: Path | str | None = None,
    ) -> None:
        self.threads = threads or default_threads()
        settings: dict[str, Any] = {
            "threads": self.threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
        if memory_limit:
            settings["memory_limit"] = memory_limit
        if temp_directory:
            settings["temp_directory"] = str(temp_directory)
        self.connection = duckdb.connect(":memory:", config=settings)
        self._arrow: dict[str, pa.Table] = {}

    def beside(self) -> Engine:
        """Give the same tables to another thread; what it creates is there for all, but Arrow data.

        Close it when it is done; this one stays as it is.
        """
        other = object.__new__(Engine)
        other.threads, other.connection, other._arrow = self.threads, self.connection.cursor(), {}
        other.follow(self)
        return other

    def follow(
        self, other: Engine, *, but: Collection[str] = (), wanted: Collection[str] | None = None
    ) -> None:
        """Have the Arrow data that the engine beside which this is has now, `but` some.

        None that the other one has no more is kept; of new data only those `wanted`, if told.
        """
        theirs = {name: data for name, data in other._arrow.copy().items() if name not in but}
        for name in self._arrow.keys() - set(but):
            if self._arrow[name] is not theirs.get(name):
                self.drop_arrow(name)
        for name in theirs if wanted is None else theirs.keys() & wanted:
            if name not in self._arrow:
                self.connection.register(name, theirs[name])
                self._arrow[name] = theirs[name]

    def drop_arrow(self, name: str) -> None:
        """Forget Arrow data, and nothing else of that name."""
        if self._arrow.pop(name, None) is not None:
            self.connection.unregister(name)

    def register(self, name: str, data: pa.Table | pa.RecordBatchReader) -> None:
        """Make Arrow data readable as `name`, without copying it."""
        self.drop(name)
        self.connection.register(name, data)
        if isinstance(data, pa.Table):
            self._arrow[name] = data

    def register_parquet(self, name: str, files: Sequence[Path | str]) -> None:
        """Make Parquet files readable as `name`; the list is explicit, never a folder."""
        listed = ", ".join(quoted(str(file)) for file in files)
        self.view(name, f"SELECT * FROM read_parquet([{listed}])")

    def create(self, name: str, sql: str) -> None:
        """Run a SELECT and keep its result as the table `name`."""
        self.drop(name)
        self.connection.execute(f"CREATE TABLE {identifier(name)} AS {sql}")

    def view(self, name: str, sql: str) -> None:
        """Give a SELECT a name; it runs each time it is read."""
        self.drop(name)
        self.connection.execute(f"CREATE VIEW {identifier(name)} AS {sql}")

    def function(self, name: str, function: Callable[[pa.ChunkedArray], pa.Array]) -> None:
        """Let SQL call a function from text to text; it is given whole columns."""
        self.connection.create_function(name, function, ["VARCHAR"], "VARCHAR", type=ARROW)

    def query(self, sql: str, parameters: Sequence[object] | None = None) -> pa.Table:
        """Run a SELECT and give its result as an Arrow table; ordered only if the SQL says so."""
        return self.connection.sql(sql, params=parameters).to_arrow_table(IN_ONE_PIECE)

    def reader(self, sql: str, batch_rows: int = 100_000) -> pa.RecordBatchReader:
        """Run a SELECT and give its result in batches, so that it need not fit into memory."""
        return self.connection.sql(sql).to_arrow_reader(batch_rows)

    def table(self, name: str, *, order_by: Sequence[str] = ()) -> pa.Table:
        """Give a whole table, ordered by the columns named."""
        return self.query(_select_all(name, order_by))

    def batches(self, name: str) -> pa.RecordBatchReader:
        """Give a whole table in batches, so that it need not fit into memory twice."""
        return self.reader(_select_all(name))

    def copy(self, sql: str, path: Path | str, file_format: FileFormat = "parquet") -> None:
        """Write the result of a SELECT into one file."""
        target, options = quoted(str(path)), COPY_OPTIONS[file_format]
        self.connection.execute(f"COPY ({sql}) TO {target} ({options})")

    def schema(self, name: str) -> pa.Schema:
        """Give the Arrow schema of a table or view."""
        return self.query(f"{_select_all(name)} LIMIT 0").schema

    def count(self, name: str) -> int:
        """Count the rows of a table or view."""
        return int(self.query(f"SELECT count(*) AS n FROM {identifier(name)}")["n"][0].as_py())

    def names(self) -> frozenset[str]:
        """Name every table and view."""
        sql = "SELECT table_name FROM information_schema.tables"
        return frozenset(name for (name,) in self.connection.execute(sql).fetchall())

    def drop(self, name: str) -> None:
        """Forget a table or view; nothing happens when there is none."""
        self._arrow.pop(name, None)
        for kind in ("VIEW", "TABLE"):
            # duckdb refuses to drop a table as a view, even IF EXISTS
            with suppress(duckdb.CatalogException):
                self.connection.execute(f"DROP {kind} IF EXISTS {identifier(name)}")

    def close(self) -> None:
        """Let go of the memory."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def default_threads() -> int:
    """All cores that this process may use up to four, half of them beyond."""
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = given or 1
    return cores if cores <= 4 else max(4, cores // 2)


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def _select_all(name: str, order_by: Sequence[str] = ()) -> str:
    order = f" ORDER BY {', '.join(map(identifier, order_by))}" if order_by else ""
    return f"SELECT * FROM {identifier(name)}{order}"
