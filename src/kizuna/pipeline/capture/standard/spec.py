"""What a specification of files is: parts, their names in files, how each is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kizuna.pipeline.standard_tables import STANDARD_TABLES

type Kind = Literal[
    "id", "text", "free", "name", "kana", "email", "phone", "region", "country", "address",
    "day", "moment", "whole", "number", "money", "currency", "flag", "choice", "json",
]  # fmt: skip

DERIVED = ("currency", "until_on")
"""What every record has, and a file need not say."""
COLUMNS = {table.name: table.columns for table in STANDARD_TABLES}


@dataclass(frozen=True, slots=True)
class Part:
    """One column of a standard table, as files have it.

    Attributes
    ----------
    synonyms : names of columns that are taken for it, the most telling first.
    choices : value → words that stand for it.
    is_open : other words than these choices are kept as given.
    default : value of every row where no column is it.

    """

    name: str
    kind: Kind
    synonyms: str
    choices: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """How a file of one table is read.

    Attributes
    ----------
    key : part that names a record.
    keys : parts that a record may be found by, in the order that is usual.
    is_named_by_content : a row without a key is named by what it says.

    """

    table: str
    key: str
    parts: tuple[Part, ...]
    keys: tuple[str, ...]
    is_named_by_content: bool = False

    @property
    def by_name(self) -> dict[str, Part]:
        """Part by its name."""
        return {part.name: part for part in self.parts}

    @property
    def required(self) -> tuple[str, ...]:
        """Parts without which no record can be made."""
        made = {self.key, *DERIVED}
        needed = {c.name for c in COLUMNS[self.table] if not c.nullable} - made
        return tuple(p.name for p in self.parts if p.name in needed and p.default is None)

    @property
    def extra(self) -> str:
        """Column that keeps other columns of the file, as JSON; '' where there is none."""
        names = [c.name for c in COLUMNS[self.table] if c.name in {"custom", "properties"}]
        return names[0] if names else ""
