"""A kind of rows: the table they stand in, which of them are meant, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kizuna.web.ui.components import Text

type Says = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `form` says how it is written; `summed` ones are added up above the rows.

    Forms: customer, issue, text, word, channel, contact_channel, day, month, moment, number, money,
    share, minutes, hours, term.
    """

    name: str
    label: Text
    form: str = "text"
    summed: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is written to the right."""
        return self.form in {"number", "money", "share", "minutes", "hours", "term"}


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one kind.

    Attributes
    ----------
    name : in the address.
    title, about : what they are, and which of them are meant.
    tables : published tables that they are read from.
    sql : SELECT with parameters in braces; it picks rows and never adds any up.
    columns : what is shown of each.
    sort : order, `column` or `-column`; `tie` settles what that leaves open.
    needs, may : parameters that must and that can be given.
    tabs : a parameter that can be chosen above the rows, and its choices.
    home : name of the page whose numbers they are, and what it is called.
    words : what texts of a column of form `word` mean.

    """

    name: str
    title: Text
    about: Text
    tables: tuple[str, ...]
    sql: str
    columns: tuple[Column, ...]
    sort: str
    tie: str
    home: tuple[str, Text]
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    tabs: tuple[str, Mapping[str, Text]] = ("", {})
    words: Mapping[str, Text] = field(default_factory=dict)
    leads: str = ""

    @property
    def sortable(self) -> frozenset[str]:
        """Columns that rows can be sorted by; a customer's name is not in these tables."""
        return frozenset(column.name for column in self.columns if column.form != "customer")
