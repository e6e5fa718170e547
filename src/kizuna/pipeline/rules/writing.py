"""From a rule to text: its canonical form, and SQL for the engine.

The SQL never fails on a row: numbers are reckoned with as DOUBLE, a division by 0 has no value, and
only whole days are added to dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kizuna.pipeline.rules.terms import (
    Among,
    Arithmetic,
    Between,
    Call,
    Compare,
    Condition,
    Contains,
    Everyone,
    Fact,
    Group,
    Known,
    Not,
    Part,
    Term,
    Today,
    Value,
)

STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}


def text(part: Part) -> str:
    """Write the canonical form: what `reading.read` reads into the same part again."""
    return _Text().part(part)


def sql(part: Part, *, today: date | str, minor_units: int = 1, source: str = "") -> str:
    """Write a boolean expression in DuckDB's dialect.

    Parameters
    ----------
    part : what is to hold.
    today : the day that facts are told of, or the name of the column that holds it.
    minor_units : minor units in one unit of the currency; amounts in rules are in units.
    source : alias of the table of the facts, where there are several.

    """
    return _Sql(_day(today), minor_units, source).part(part)


def term_sql(term: Term, *, today: date | str, minor_units: int = 1, source: str = "") -> str:
    """Write a term alone, to show what it comes to."""
    return _Sql(_day(today), minor_units, source).term(term)


class _Text:
    """Writes as a person would."""

    def part(self, part: Part) -> str:
        match part:
            case Group(both, parts):
                inner = [self._inner(one, both) for one in parts]
                return (" AND " if both else " OR ").join(inner)
            case Not(Known(term)):
                return f"{self.term(term)} IS NULL"
            case Not(Everyone()):
                return "FALSE"
            case Not(inner):
                return f"NOT {self._enclosed(inner)}"
            case _:
                return self.condition(part)

    def _inner(self, part: Part, both: bool) -> str:
        written = self.part(part)
        return f"({written})" if isinstance(part, Group) else written

    def _enclosed(self, part: Part) -> str:
        return f"({self.part(part)})"

    def condition(self, condition: Condition) -> str:
        match condition:
            case Compare(left, operator, right):
                return f"{self.term(left)} {operator} {self.term(right)}"
            case Between(term, low, high):
                return f"{self.term(term)} BETWEEN {self.term(low)} AND {self.term(high)}"
            case Among(term, values):
                return f"{self.term(term)} IN ({', '.join(map(self.term, values))})"
            case Contains(term, sought, where):
                return self.contains(term, sought, where)
            case Known(term):
                return f"{self.term(term)} IS NOT NULL"
            case Everyone():
                return "TRUE"

    def contains(self, term: Term, sought: str, where: str) -> str:
        before, after = where != "starts", where != "ends"
        return f"{self.term(term)} ILIKE {_quoted('%' * before + sought + '%' * after)}"

    def term(self, term: Term) -> str:
        match term:
            case Fact(name):
                return name
            case Value(value):
                return _value(value)
            case Today():
                return "today"
            case Call(name, arguments):
                return f"{name}({', '.join(map(self.term, arguments))})"
            case Arithmetic(operator, left, right):
                sides = (self._side(left, operator, 0), self._side(right, operator, 1))
                return f"{sides[0]} {operator} {sides[1]}"

    def _side(self, term: Term, operator: str, right: int) -> str:
        written = self.term(term)
        if not isinstance(term, Arithmetic):
            return written
        weaker = STRENGTH[term.operator] < STRENGTH[operator] + right
        return f"({written})" if weaker else written


@dataclass(frozen=True, slots=True)
class _Sql:
    """Writes what an engine runs."""

    today: str
    minor_units: int
    source: str

    def part(self, part: Part) -> str:
        match part:
            case Group(both, parts):
                return f"({(' AND ' if both else ' OR ').join(map(self.part, parts))})"
            case Not(inner):
                return f"(NOT {self.part(inner)})"
            case _:
                return f"({self.condition(part)})"

    def condition(self, condition: Condition) -> str:
        match condition:
            case Compare(left, operator, right):
                return f"{self.term(left)} {operator} {self.term(right)}"
            case Between(term, low, high):
                return f"{self.term(term)} BETWEEN {self.term(low)} AND {self.term(high)}"
            case Among(term, values):
                return f"{self.term(term)} IN ({', '.join(map(self.term, values))})"
            case Contains(term, sought, where):
                return self._contains(term, sought, where)
            case Known(term):
                return f"{self.term(term)} IS NOT NULL"
            case Everyone():
                return "TRUE"

    def _contains(self, term: Term, sought: str, where: str) -> str:
        function = {"contains": "contains", "starts": "starts_with", "ends": "ends_with"}[where]
        return f"{function}(lower({self.term(term)}), lower({_quoted(sought)}))"

    def term(self, term: Term) -> str:
        match term:
            case Fact():
                return self._fact(term)
            case Value(value):
                return _value(value)
            case Today():
                return self.today
            case Call(name, arguments):
                return f"{name}({', '.join(map(self._number, arguments))})"
            case Arithmetic():
                return self._arithmetic(term)

    def _fact(self, fact: Fact) -> str:
        column = f'{self.source}."{fact.name}"' if self.source else f'"{fact.name}"'
        if fact.money and self.minor_units != 1:
            return f"(CAST({column} AS DOUBLE) / {self.minor_units})"
        return column

    def _arithmetic(self, term: Arithmetic) -> str:
        if term.left.kind == "date" and term.right.kind == "date":
            return f"date_diff('day', {self.term(term.right)}, {self.term(term.left)})"
        if term.kind == "date":
            return f"({self.term(term.left)} {term.operator} {self.term(term.right)})"
        left, right = self._number(term.left), self._number(term.right)
        return (
            f"({left} {term.operator} {f'nullif({right}, 0)' if term.operator == '/' else right})"
        )

    def _number(self, term: Term) -> str:
        written = self.term(term)
        return f"CAST({written} AS DOUBLE)" if term.kind == "number" else written


def _value(value: float | int | str | date | bool) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return _quoted(value) if isinstance(value, str) else repr(value)


def _day(today: date | str) -> str:
    return f"DATE '{today.isoformat()}'" if isinstance(today, date) else f'"{today}"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
