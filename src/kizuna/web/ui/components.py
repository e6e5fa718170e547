"""Values that components show: a view or a query makes them, a template includes the component."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

type Text = str | Promise


@dataclass(frozen=True, slots=True)
class Explain:
    """How a number is computed; what is not given is not shown."""

    definition: Text
    formula: Text = ""
    rows: Text = ""
    interval: Text = ""
    back_test: Text = ""
    as_of: Text = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One of several views of the same thing."""

    label: Text
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `key` names the sort order that its heading asks for."""

    label: Text
    number: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that is a link, or carries a badge's mood."""

    text: Text
    url: str = ""
    mood: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its caption, its columns, and rows of texts or cells; `sort` is `key` or `-key`."""

    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Text | Cell]]
    sort: str = ""

    def marked_rows(self) -> list[list[tuple[Column, Cell]]]:
        """Give each row as pairs of a column and its cell."""
        return [list(zip(self.columns, map(_cell, row), strict=True)) for row in self.rows]


def _cell(value: Text | Cell) -> Cell:
    return value if isinstance(value, Cell) else Cell(value)
