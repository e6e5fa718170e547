"""Put the typed rows of one source into a table, and account for every line of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kizuna.pipeline.capture import records, staging
from kizuna.pipeline.capture.sources import Source
from kizuna.pipeline.capture.staging import REJECTS, Plan
from kizuna.pipeline.engine import Engine, EngineError
from kizuna.pipeline.errors import InputError

ROWS = "order_rows"
"""file_no, n, customer_id, order_id, ordered_at, ordered_on, minor (DOUBLE), reason (number)."""

type Malformed = dict[int, str]
"""Line number → text of a line that is no record."""
type Select = Callable[[Source], str]
"""SQL that reads the rows of a source; of a CSV without `n`."""


def load(
    engine: Engine, source: Source, number: int, plan: Plan, folder: Path
) -> tuple[Source, Malformed]:
    """Read one source, typed, into a table of its own (`rows_of`)."""
    return load_into(
        engine, _table(number), source, lambda read: staging.typed(read, number, plan), folder
    )


def load_into(
    engine: Engine, table: str, source: Source, select: Select, folder: Path
) -> tuple[Source, Malformed]:
    """Read one source into a table; give it as it was read, and its lines that are no rows.

    Where the lines of a CSV do not add up (line ends inside quotation marks, marks never closed)
    a repaired copy is read instead.
    """
    if source.kind != "csv":
        with _readable(source):
            engine.create(table, select(source))
        return source, _lines_without_object(engine, source) if source.kind == "jsonl" else {}
    malformed = _try_csv(engine, table, source, select)
    if malformed is None:
        width = len(source.columns)
        copy, broken = records.one_line_each(source.readable, width, source.delimiter, folder)
        source = source.repaired(copy, broken)
        malformed = _try_csv(engine, table, source, select)
    if malformed is None:
        raise InputError(
            f"{source.path}: its lines cannot be parted into {width} columns; "
            "look for quotation marks that are never closed"
        )
    return source, malformed | (source.broken or {})


@contextmanager
def _readable(source: Source) -> Iterator[None]:
    """Say of which file it is that the engine cannot read on."""
    try:
        yield
    except EngineError as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{source.path} cannot be read: {reason}") from error


def _try_csv(engine: Engine, table: str, source: Source, select: Select) -> Malformed | None:
    """Read a CSV; None if lines got lost on the way."""
    engine.drop(REJECTS)
    engine.drop(f"{REJECTS}_scans")
    try:
        engine.create(table, select(source))
    except EngineError:
        return None
    malformed = _lines_that_are_no_records(engine, source)
    expected = _records(engine, source)
    return malformed if engine.count(table) + len(malformed) == expected else None


def _records(engine: Engine, source: Source) -> int:
    """Count the lines that should be records."""
    if source.broken is None:
        return source.lines - source.header_lines
    sql = f"SELECT count(text) AS n FROM ({staging.lines(source.readable)}) WHERE line > "
    return int(engine.query(sql + str(source.header_lines))["n"][0].as_py())


def rows_of(source: Source, number: int) -> str:
    """SQL: the typed rows of a source that was loaded, with `n`.

    The rows of a CSV lie in the table as in the file, so that their place there is their number.
    """
    n = "rowid + 1" if source.kind == "csv" else "n"
    return (
        f"SELECT file_no, {n} AS n, customer_id, order_id, ordered_at, ordered_on, minor, reason "
        f"FROM {_table(number)}"
    )


def forget(engine: Engine, number: int) -> None:
    """Drop the table of one source."""
    engine.drop(_table(number))


def _table(number: int) -> str:
    return f"{ROWS}_{number}"


def _lines_that_are_no_records(engine: Engine, source: Source) -> Malformed:
    if REJECTS not in engine.names():
        return {}
    found = engine.query(f"SELECT DISTINCT line FROM {REJECTS}")["line"].to_pylist()
    return _texts(engine, source, f"line IN ({', '.join(map(str, found))})") if found else {}


def _lines_without_object(engine: Engine, source: Source) -> Malformed:
    return _texts(engine, source, f"text IS NOT NULL AND NOT {staging.is_object('text')}")


def _texts(engine: Engine, source: Source, condition: str) -> Malformed:
    sql = f"SELECT line, text FROM ({staging.lines(source.readable)}) WHERE {condition}"
    return {row["line"]: row["text"] or "" for row in engine.query(sql).to_pylist()}
