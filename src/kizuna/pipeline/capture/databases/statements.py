"""The SELECTs that a reading runs: pages by key, what is new, the last value, the first rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.pipeline.capture.databases.selections import Selection
from kizuna.pipeline.capture.databases.sessions import Session
from kizuna.pipeline.capture.databases.values import Column, looked_back


@dataclass(frozen=True, slots=True)
class Bounds:
    """From which value of the column `since` (None: from the first) to which one rows are read."""

    low: Any = None
    high: Any = None


@dataclass(frozen=True, slots=True)
class Statements:
    """Writes SQL for one selection, as the database of a session wants it."""

    session: Session
    selection: Selection
    bounds: Bounds = Bounds()

    def head(self, rows: int) -> tuple[str, list[Any]]:
        """Give the first rows, in no order."""
        return f"SELECT * FROM {self._source} LIMIT {rows}", []

    def highest(self) -> tuple[str, list[Any]]:
        """Give the last value of the column that says what is new."""
        return f"SELECT max({self._quoted(self.selection.since)}) FROM {self._source}", []

    def without_key(self) -> tuple[str, list[Any]]:
        """Give a row whose key is empty, where there is one."""
        empty = " OR ".join(f"{name} IS NULL" for name in self._key)
        return f"SELECT 1 FROM {self._source} WHERE {empty} LIMIT 1", []

    def all(self) -> tuple[str, list[Any]]:
        """Give all rows, in no order."""
        where, values = self._where([], [])
        return f"SELECT * FROM {self._source}{where}", values

    def page(self, after: list[Any] | None, rows: int) -> tuple[str, list[Any]]:
        """Give so many rows in the order of the key, after one."""
        keys, marks = ", ".join(self._key), ", ".join(self.session.mark for _ in self._key)
        beyond = [] if after is None else [f"({keys}) > ({marks})"]
        where, values = self._where(beyond, after or [])
        return f"SELECT * FROM {self._source}{where} ORDER BY {keys} LIMIT {rows}", values

    def _where(self, conditions: list[str], values: list[Any]) -> tuple[str, list[Any]]:
        new, limits = self._new()
        every = [*new, *conditions]
        return (f" WHERE {' AND '.join(every)}" if every else ""), [*limits, *values]

    def _new(self) -> tuple[list[str], list[Any]]:
        if not self.selection.since:
            return [], []
        name, mark = self._quoted(self.selection.since), self.session.mark
        low, high = self.bounds.low, self.bounds.high
        if low is None:
            # a row that does not say when it changed comes with the first reading
            found = [] if high is None else [f"({name} <= {mark} OR {name} IS NULL)"]
            return found, [] if high is None else [high]
        if high is None:
            return [f"{name} >= {mark}"], [looked_back(low)]
        return [f"{name} >= {mark}", f"{name} <= {mark}"], [looked_back(low), high]

    @property
    def _source(self) -> str:
        if self.selection.table:
            return ".".join(self._quoted(part) for part in self.selection.table)
        return f"(\n{self.session.escaped(self.selection.query)}\n) AS kizuna_rows"

    @property
    def _key(self) -> list[str]:
        return [self._quoted(name) for name in self.selection.key]

    def _quoted(self, name: str) -> str:
        return self.session.quoted(name)


def checked(columns: tuple[Column, ...], selection: Selection) -> tuple[Column, ...]:
    """Refuse columns that cannot be told apart, and a key or mark that is none of them."""
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise Refusal("same_columns", column=name)
    for name in (*selection.key, *filter(None, [selection.since])):
        if name not in names:
            raise Refusal("no_column", column=name, columns=", ".join(names))
    return columns
