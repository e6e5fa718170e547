"""Many rules over many customers in one pass; and why one customer is in or out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from kizuna.pipeline.rules import writing
from kizuna.pipeline.rules.terms import Condition, Fact, Part, Rule, conditions, terms


class Reads(Protocol):
    """What runs a SELECT: an engine, which this module does not open."""

    def query(self, sql: str, parameters: Sequence[object] | None = None) -> pa.Table:
        """Give the rows of a SELECT."""


def members_sql(
    rules: Mapping[int, Rule],
    *,
    today: date | str,
    minor_units: int = 1,
    source: str = "customer_facts",
    keys: Sequence[str] = ("customer_id",),
) -> str:
    """Write one SELECT of (keys, rule): who is in which rule, in one pass over the facts.

    `keys` may hold a day beside the customer, and `today` be that column: then the same SELECT
    tells who would have been in on each day.
    """
    listed = ", ".join(keys)
    held = held_sql(rules, today=today, minor_units=minor_units, source=source, keys=keys)
    return f"SELECT {listed}, unnest(held) AS rule FROM ({held}) WHERE len(held) > 0"


def held_sql(
    rules: Mapping[int, Rule],
    *,
    today: date | str,
    minor_units: int = 1,
    source: str = "customer_facts",
    keys: Sequence[str] = ("customer_id",),
) -> str:
    """Write one SELECT of (keys, held): of each customer the rules that hold, as a list."""
    marks = [
        f"CASE WHEN {writing.sql(rule.part, today=today, minor_units=minor_units)} THEN {key} END"
        for key, rule in rules.items()
    ]
    listed = f"CAST([{', '.join(marks)}] AS BIGINT[])"
    found = f"list_filter({listed}, lambda one: one IS NOT NULL)"
    return f"SELECT {', '.join(keys)}, {found} AS held FROM {source}"


def rule_members_sql(
    rule: Rule, *, today: date | str, minor_units: int = 1, source: str = "customer_facts"
) -> str:
    """Write the SELECT of the customers of one rule."""
    where = writing.sql(rule.part, today=today, minor_units=minor_units)
    return f"SELECT customer_id FROM {source} WHERE {where}"


@dataclass(frozen=True, slots=True)
class Judged:
    """One condition for one customer: what it says, whether it holds, and the values it read.

    `holds` is None where a fact that it needs is not known.
    """

    condition: Condition
    holds: bool | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a customer is in, and each condition in the order of the rule."""

    inside: bool
    judged: tuple[Judged, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Name the facts for want of which a condition is undecided."""
        missing = (n for j in self.judged if j.holds is None for n, v in j.values.items())
        return tuple(sorted({n for n in missing if self._value(n) is None}))

    def _value(self, name: str) -> Any:
        return next((j.values[name] for j in self.judged if name in j.values), None)


def judge(
    rule: Rule,
    engine: Reads,
    customer_id: str,
    *,
    today: date,
    minor_units: int = 1,
    source: str = "customer_facts",
) -> Verdict | None:
    """Say why one customer is in or out, condition by condition; None for an unknown customer."""
    listed = tuple(conditions(rule.part))
    asked: list[Part] = [rule.part, *listed]
    written = [
        f"{writing.sql(part, today=today, minor_units=minor_units)} AS c{at}"
        for at, part in enumerate(asked)
    ]
    facts = [f'"{name}" AS "f_{name}"' for name in rule.facts]
    sql = f"SELECT {', '.join(written + facts)} FROM {source} WHERE customer_id = ?"
    rows = engine.query(sql, [customer_id]).to_pylist()
    return _verdict(listed, rows[0]) if rows else None


def _verdict(listed: Sequence[Condition], row: Mapping[str, Any]) -> Verdict:
    judged = [
        Judged(condition, row[f"c{at}"], _values(condition, row))
        for at, condition in enumerate(listed, 1)
    ]
    return Verdict(row["c0"] is True, tuple(judged))


def _values(condition: Condition, row: Mapping[str, Any]) -> dict[str, Any]:
    named = {term.name for term in terms(condition) if isinstance(term, Fact)}
    return {name: row[f"f_{name}"] for name in sorted(named)}
