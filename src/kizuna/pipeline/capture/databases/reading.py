"""Reading a table or a query into one Parquet file, in bounded memory, through lost connections.

With a key, rows come in pages, each a short statement after the last row so far: a connection, or
this whole process, may be lost at any moment, and the next one goes on. Without a key rows come
in one stream, and a reading that broke off begins again. What is new is bounded above before the
first row is read, so that a row which changes meanwhile is read by the next reading, not by none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import sleep
from typing import Any

import pyarrow as pa

from kizuna.pipeline.capture.databases.addresses import Address
from kizuna.pipeline.capture.databases.chunks import Chunks, Packed, Progress
from kizuna.pipeline.capture.databases.doors import Doors
from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.pipeline.capture.databases.selections import Selection, one_select
from kizuna.pipeline.capture.databases.sessions import (
    LOOK_SECONDS,
    STATEMENT_SECONDS,
    Batch,
    Lost,
    Session,
    session,
)
from kizuna.pipeline.capture.databases.statements import Bounds, Statements, checked
from kizuna.pipeline.capture.databases.values import as_arrow, packed, text_of, unpacked

type OnRows = Callable[[int], None]

MOST_ROWS, FEWEST_ROWS = 25_000, 100
FIRST_ROWS = 2_000
CHUNK_BYTES = 32_000_000
STREAM_SECONDS = 6 * 3600
PATIENCE = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds to wait before each try to get a lost connection back; rows read begin them anew."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database and which doors lead to it."""

    address: Address
    doors: Doors


@dataclass(frozen=True, slots=True)
class Look:
    """The first rows of a selection, as texts."""

    columns: list[str]
    rows: list[list[str | None]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading brought: `path` is None where there was no row; `high` is where it ended."""

    path: Path | None
    rows: int
    high: Packed


def tables(database: Database) -> list[tuple[str, ...]]:
    """Name the tables that may be read."""
    with session(database.address, database.doors, LOOK_SECONDS) as opened, _unlost():
        return opened.tables()


def look(database: Database, selection: Selection, rows: int = 20) -> Look:
    """Show the first rows of a selection; refuse one that could not be read."""
    wanted = _proper(database, selection)
    with session(database.address, database.doors, LOOK_SECONDS) as opened, _unlost():
        batch = _one(opened, Statements(opened, wanted).head(rows))
        columns = checked(batch.columns, wanted)
    shown = [[text_of(value) for value in row] for row in batch.rows]
    return Look([column.name for column in columns], shown)


def read(
    database: Database,
    selection: Selection,
    folder: Path,
    *,
    low: Packed = None,
    on_rows: OnRows = lambda _rows: None,
    wait: Callable[[float], None] = sleep,
) -> Reading:
    """Read all rows, or those since `low`, into one file; go on where `folder` says it broke off.

    Raises
    ------
    Refusal
        Where it cannot be read; what was read stays in the folder for the next try.

    """
    wanted, chunks = _proper(database, selection), Chunks(folder)
    tries, had = iter(PATIENCE), False
    while True:
        before = chunks.count
        try:
            progress = _go_on(database, wanted, chunks, low, on_rows)
            break
        except (Lost, Refusal) as error:
            # one that was never had is not waited for: whoever asked can mend it at once
            had = had or before > 0 or isinstance(error, Lost)
            if not had or (isinstance(error, Refusal) and error.code != "unreachable"):
                raise
            tries = iter(PATIENCE) if chunks.count > before else tries
            seconds = next(tries, None)
            if seconds is None:
                raise Refusal("lost", reason=str(error)) from None
            wait(seconds)
    total = sum(progress.rows)
    return Reading(chunks.join(progress) if total else None, total, progress.high or progress.low)


def _proper(database: Database, selection: Selection) -> Selection:
    if not selection.query:
        return selection
    text = one_select(selection.query, database.address.kind)
    return Selection(query=text, key=selection.key, since=selection.since)


def _go_on(
    database: Database, wanted: Selection, chunks: Chunks, low: Packed, on_rows: OnRows
) -> Progress:
    progress = chunks.progress()
    if progress and progress.done:
        return progress
    seconds = STATEMENT_SECONDS if progress is None or progress.key else STREAM_SECONDS
    with session(database.address, database.doors, seconds) as opened:
        if progress is None:
            progress = _begun(opened, wanted, _digest(database, wanted), low)
            chunks.keep(progress)
        if progress.digest != _digest(database, wanted):
            raise Refusal("changed")
        bounds = Bounds(unpacked(progress.low), unpacked(progress.high))
        statements = Statements(opened, wanted.with_key(tuple(progress.key)), bounds)
        how = _pages if progress.key else _stream
        for table in how(opened, statements, chunks, progress):
            chunks.add(progress, table)
            on_rows(sum(progress.rows))
    progress.done = True
    chunks.keep(progress)
    return progress


def _begun(opened: Session, wanted: Selection, digest: str, low: Packed) -> Progress:
    """Look before the first row: columns, key, and the last value of what is new."""
    statements = Statements(opened, wanted)
    checked(_one(opened, statements.head(0)).columns, wanted)
    key = wanted.key or (opened.key_of(wanted.table) if wanted.table else ())
    if key and _one(opened, Statements(opened, wanted.with_key(key)).without_key()).rows:
        raise Refusal("key_empty", column=", ".join(key))
    high = _one(opened, statements.highest()).rows[0][0] if wanted.since else None
    return Progress(digest, list(key), low, packed(high))


def _pages(
    opened: Session, statements: Statements, chunks: Chunks, progress: Progress
) -> Iterator[pa.Table]:
    size = FIRST_ROWS
    while True:
        after = None if progress.last is None else [unpacked(value) for value in progress.last]
        found = _one(opened, statements.page(after, size + 1), size + 1)
        places = _places(found, progress.key)
        _tell_apart(found, places, progress.key)
        rows = found.rows[:size]
        if not rows:
            return
        progress.last = [packed(rows[-1][place]) for place in places]
        table = as_arrow(found.columns, rows)
        yield table
        if len(found.rows) <= size:
            return
        size = _fitting(table)


def _stream(
    opened: Session, statements: Statements, chunks: Chunks, progress: Progress
) -> Iterator[pa.Table]:
    if progress.rows:
        chunks.start_over(progress)
    sql, values = statements.all()
    for batch in opened.batches(sql, values, FIRST_ROWS):
        if batch.rows:
            yield as_arrow(batch.columns, batch.rows)


def _places(found: Batch, key: list[str]) -> list[int]:
    names = [column.name for column in found.columns]
    return [names.index(name) for name in key]


def _tell_apart(found: Batch, places: list[int], key: list[str]) -> None:
    """Refuse a key that two rows share: behind the end of a page the second would be missed."""
    keys = [tuple(row[place] for place in places) for row in found.rows]
    for one, other in pairwise(keys):
        if one == other:
            value = ", ".join(str(text_of(part)) for part in one)
            raise Refusal("not_unique", column=", ".join(key), value=value)


def _fitting(table: pa.Table) -> int:
    """Give how many rows like these fit into a chunk."""
    fitting = CHUNK_BYTES * table.num_rows // max(table.nbytes, 1)
    return min(max(int(fitting), FEWEST_ROWS), MOST_ROWS)


def _one(opened: Session, statement: tuple[str, list[Any]], size: int = 1000) -> Batch:
    """Run a SELECT whose rows fit into one batch."""
    sql, values = statement
    found = list(opened.batches(sql, values, size))
    return found[0]


def _digest(database: Database, wanted: Selection) -> str:
    return f"{database.address} {wanted.digest}"


@contextmanager
def _unlost() -> Iterator[None]:
    """Say a connection lost while someone looks at once."""
    try:
        yield
    except Lost as error:
        raise Refusal("lost", reason=str(error)) from None
