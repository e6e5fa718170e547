"""Conditions that no customer can meet together, found without looking at any customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import inf

from kizuna.pipeline.rules import writing
from kizuna.pipeline.rules.terms import (
    Among,
    Between,
    Call,
    Compare,
    Condition,
    Everyone,
    Fact,
    Group,
    Known,
    Not,
    Part,
    Value,
    terms,
)


@dataclass(frozen=True, slots=True)
class Span:
    """What a condition leaves of a fact: a stretch of numbers or days, with or without its ends."""

    low: float = -inf
    low_open: bool = False
    high: float = inf
    high_open: bool = False

    def meet(self, other: Span) -> Span:
        """Give what both leave."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Span(low, low_open, high, not closed)

    @property
    def empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))


def contradiction(part: Part) -> tuple[str, ...]:
    """Give conditions that cannot hold together, as text; () where none were found.

    What is found is certain; not everything that cannot be is found.
    """
    match part:
        case Not(Everyone()):
            return ("FALSE",)
        case Group(True, parts):
            inner = next((found for one in parts if (found := contradiction(one))), ())
            return inner or _of_all(parts)
        case Group(False, parts):
            each = [contradiction(one) for one in parts]
            return tuple(text for texts in each for text in texts) if all(each) else ()
        case Not() | Group():
            return ()
        case _:
            return _of_all((part,))


def _of_all(parts: tuple[Part, ...]) -> tuple[str, ...]:
    return _of_spans(parts) or _of_texts(parts) or _of_unknowns(parts)


def _of_spans(parts: tuple[Part, ...]) -> tuple[str, ...]:
    left: dict[str, Span] = defaultdict(Span)
    said: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        for name, span in _spans(part):
            left[name] = left[name].meet(span)
            said[name].append(writing.text(part))
            if left[name].empty:
                return tuple(said[name])
    return ()


def _spans(part: Part) -> Iterator[tuple[str, Span]]:
    match part:
        case Compare(Fact(name), operator, Value(value)) if (number := _number(value)) is not None:
            if operator in SPANS:
                yield name, SPANS[operator](number)
        case Between(Fact(name), Value(low), Value(high)):
            ends = _number(low), _number(high)
            if ends[0] is not None and ends[1] is not None:
                yield name, Span(ends[0], False, ends[1], False)


SPANS = {
    "=": lambda value: Span(value, False, value, False),
    "<": lambda value: Span(high=value, high_open=True),
    "<=": lambda value: Span(high=value),
    ">": lambda value: Span(low=value, low_open=True),
    ">=": lambda value: Span(low=value),
}


def _number(value: float | int | str | date | bool) -> float | None:
    if isinstance(value, date):
        return float(value.toordinal())
    return None if isinstance(value, str) else float(value)


def _of_texts(parts: tuple[Part, ...]) -> tuple[str, ...]:
    left: dict[str, set[str]] = {}
    said: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        match part:
            case Compare(Fact(name, "text"), "=", Value(value)):
                allowed = {str(value)}
            case Among(Fact(name, "text"), values):
                allowed = {str(one.value) for one in values}
            case _:
                continue
        left[name] = left.get(name, allowed) & allowed
        said[name].append(writing.text(part))
        if not left[name]:
            return tuple(said[name])
    return ()


def _of_unknowns(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Find a fact that must not be known, and is compared beside."""
    unknown = {p.part.term for p in parts if isinstance(p, Not) and isinstance(p.part, Known)}
    for part in parts:
        if isinstance(part, Not | Group) or not _compares(part):
            continue
        for term in unknown.intersection(terms(part)):
            return (f"{writing.text(Not(Known(term)))}", writing.text(part))
    return ()


def _compares(part: Condition) -> bool:
    """Tell whether a condition needs each fact; functions of several do with one."""
    plain = not any(isinstance(term, Call) for term in terms(part))
    return plain and not isinstance(part, Everyone)
