"""What the readers of all kinds of databases have in common, and the one place that opens them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from kizuna.pipeline.capture.databases.addresses import Address
from kizuna.pipeline.capture.databases.doors import Doors
from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.pipeline.capture.databases.values import Column

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 600
"""How long one statement of a reading may take."""
LOOK_SECONDS = 10
"""How long someone who looks at a page waits."""


class Lost(Exception):  # noqa: N818  -- what is waited out, no fault of the program
    """The connection went away; another may be had."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a result."""

    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]


class Session(Protocol):
    """A connection that can read and do nothing else."""

    mark: str
    """What stands for a value in SQL."""

    def tables(self) -> list[tuple[str, ...]]:
        """Name the tables and views that this user may read."""

    def key_of(self, table: tuple[str, ...]) -> tuple[str, ...]:
        """Name the columns of a table's primary key; none where it has none."""

    def quoted(self, name: str) -> str:
        """Quote a name for SQL."""

    def escaped(self, text: str) -> str:
        """Write SQL of someone else so that values can be put beside it."""

    def batches(self, sql: str, values: Sequence[Any], size: int) -> Iterator[Batch]:
        """Run one SELECT and give its rows as they come, never all at once; at least one batch."""

    def close(self) -> None:
        """End it."""


MODULES = {"postgresql": "psycopg", "mysql": "pymysql", "sqlite": "sqlite3"}


@contextmanager
def session(address: Address, doors: Doors, seconds: int = STATEMENT_SECONDS) -> Iterator[Session]:
    """Open a database for reading.

    Raises
    ------
    Refusal
        Where it may not be reached, cannot be reached, or lets nobody in.

    """
    place = doors.pinned(address)
    try:
        importlib.import_module(MODULES[address.kind])
    except ImportError:
        raise Refusal("no_driver", kind=address.kind) from None
    reader = importlib.import_module(f"{__package__}.{address.kind}")
    found: Session = reader.connect(address, place, seconds)
    try:
        yield found
    finally:
        found.close()


def first_line(error: object) -> str:
    """Give what a driver says in short, in the middle of a sentence."""
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
