"""What a rule is made of: terms, conditions and groups, as frozen values.

Nothing of the text that a person typed reaches an engine: `reading` makes these values of it, and
`writing` makes SQL of these values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

type Kind = Literal["number", "text", "date", "flag"]

KINDS: dict[str, Kind] = {
    "VARCHAR": "text",
    "BIGINT": "number",
    "INTEGER": "number",
    "DOUBLE": "number",
    "BOOLEAN": "flag",
    "DATE": "date",
}
"""SQL type of a column → kind of a fact; columns of other types are no facts of rules."""


@dataclass(frozen=True, slots=True)
class FactType:
    """What a rule may do with a fact; amounts of the unit `minor` are told in units in rules."""

    name: str
    kind: Kind
    unit: str = ""

    @property
    def money(self) -> bool:
        return self.unit == "minor"


type Facts = Mapping[str, FactType]


@dataclass(frozen=True, slots=True)
class Fact:
    """The value of a fact; where there is none, a condition on it is neither true nor false."""

    name: str
    kind: Kind
    money: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A number, text, day or flag that was written down."""

    value: float | int | str | date | bool

    @property
    def kind(self) -> Kind:
        if isinstance(self.value, bool):
            return "flag"
        if isinstance(self.value, str):
            return "text"
        return "date" if isinstance(self.value, date) else "number"


@dataclass(frozen=True, slots=True)
class Today:
    """The day that the facts are told of."""

    kind: Kind = "date"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two terms and + - * or /; days come of two dates, a date of a date and days."""

    operator: str
    left: Term
    right: Term
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Call:
    """One of the few functions that a rule may use."""

    name: str
    arguments: tuple[Term, ...]
    kind: Kind = "number"


type Term = Fact | Value | Today | Arithmetic | Call


@dataclass(frozen=True, slots=True)
class Compare:
    """Two terms of one kind and one of = <> < <= > >=."""

    left: Term
    operator: str
    right: Term


@dataclass(frozen=True, slots=True)
class Between:
    """A term within two others, both ends included."""

    term: Term
    low: Term
    high: Term


@dataclass(frozen=True, slots=True)
class Among:
    """A term that is one of some values."""

    term: Term
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Contains:
    """A text that holds, begins or ends with another, whatever the case."""

    term: Term
    text: str
    where: Literal["contains", "starts", "ends"] = "contains"


@dataclass(frozen=True, slots=True)
class Known:
    """A term that has a value: the one condition that is never undecided."""

    term: Term


@dataclass(frozen=True, slots=True)
class Everyone:
    """True of every customer."""


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold; of what is not known, neither holds."""

    part: Part


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all, or any, must hold."""

    all: bool
    parts: tuple[Part, ...]


type Condition = Compare | Between | Among | Contains | Known | Everyone
type Part = Condition | Not | Group


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it was read; `text` is its canonical form."""

    part: Part
    text: str

    @property
    def facts(self) -> tuple[str, ...]:
        """Name every fact that it reads, by name."""
        names = {t.name for c in conditions(self.part) for t in terms(c) if isinstance(t, Fact)}
        return tuple(sorted(names))


def conditions(part: Part) -> Iterator[Condition]:
    """Give the conditions of a part, in the order in which they are written."""
    if isinstance(part, Group):
        for inner in part.parts:
            yield from conditions(inner)
    elif isinstance(part, Not):
        yield from conditions(part.part)
    else:
        yield part


def terms(condition: Condition) -> Iterator[Term]:
    """Give every term of a condition, those within others too."""
    for outer in _outer(condition):
        yield from _within(outer)


def _outer(condition: Condition) -> tuple[Term, ...]:
    match condition:
        case Compare(left, _operator, right):
            return (left, right)
        case Between(term, low, high):
            return (term, low, high)
        case Among(term, values):
            return (term, *values)
        case Contains(term) | Known(term):
            return (term,)
        case Everyone():
            return ()


def _within(term: Term) -> Iterator[Term]:
    yield term
    if isinstance(term, Arithmetic):
        yield from _within(term.left)
        yield from _within(term.right)
    elif isinstance(term, Call):
        for argument in term.arguments:
            yield from _within(argument)
