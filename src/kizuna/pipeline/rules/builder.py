"""Between a rule and the form that people fill in: plain values that JSON can hold.

A group is `{"all": [...]}` or `{"any": [...]}`; a condition `{"fact", "op", "value"}`. What a form
has no fields for stays as text: `{"sql": "..."}`. So every rule can be shown, and comes back as it
was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from kizuna.pipeline.rules import writing
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.reading import read
from kizuna.pipeline.rules.terms import (
    Among,
    Arithmetic,
    Between,
    Compare,
    Condition,
    Contains,
    Fact,
    Facts,
    FactType,
    Group,
    Kind,
    Known,
    Not,
    Part,
    Rule,
    Term,
    Today,
    Value,
)

type Json = dict[str, Any]

COMPARING = {"is": "=", "is_not": "<>", "below": "<", "up_to": "<=", "above": ">", "from": ">="}
NAMED = {sign: name for name, sign in COMPARING.items()}
OPERATIONS: dict[Kind, tuple[str, ...]] = {
    "number": ("above", "from", "below", "up_to", "is", "is_not", "between", "known", "unknown"),
    "text": ("is", "is_not", "in", "not_in", "contains", "starts", "known", "unknown"),
    "date": ("last_days", "before_days", "next_days", "from", "up_to", "known", "unknown"),
    "flag": ("yes", "no", "known", "unknown"),
}
"""What a form offers for each kind of fact."""
WITHOUT_VALUE = frozenset({"known", "unknown", "yes", "no"})


def to_builder(part: Part) -> Json:
    """Give what a form shows of a rule."""
    if isinstance(part, Group):
        return {"all" if part.all else "any": [to_builder(one) for one in part.parts]}
    return _shown(part) or {"sql": writing.text(part)}


def from_builder(given: Mapping[str, Any], facts: Facts) -> Rule:
    """Give the rule that a form says; the text is read like any other, so nothing slips through."""
    return read(_text(given, facts), facts)


def _shown(part: Part) -> Json | None:
    match part:
        case Not(Known(Fact(name))):
            return {"fact": name, "op": "unknown"}
        case Not(Among(Fact(name), values)):
            return {"fact": name, "op": "not_in", "value": _listed(values)}
        case Not() | Group():
            return None
        case _:
            return _shown_condition(part)


def _shown_condition(condition: Condition) -> Json | None:
    match condition:
        case Known(Fact(name)):
            return {"fact": name, "op": "known"}
        case Among(Fact(name), values):
            return {"fact": name, "op": "in", "value": _listed(values)}
        case Contains(Fact(name), sought, where) if where != "ends":
            return {"fact": name, "op": where, "value": sought}
        case Between(Fact(name, "number"), Value(low), Value(high)):
            return {"fact": name, "op": "between", "value": [low, high]}
        case Between(Fact(name, "date"), Today(), Arithmetic("+", Today(), Value(days))):
            return {"fact": name, "op": "next_days", "value": days}
        case Between(Fact(name, "date"), Arithmetic("-", Today(), Value(days)), Today()):
            return {"fact": name, "op": "last_days", "value": days}
        case Compare(Fact(name, "flag"), "=", Value(value)):
            return {"fact": name, "op": "yes" if value else "no"}
        case Compare(Fact(name), operator, right):
            return _shown_comparison(name, operator, right)
        case _:
            return None


def _shown_comparison(name: str, operator: str, right: Term) -> Json | None:
    match operator, right:
        case "<", Arithmetic("-", Today(), Value(days)):
            return {"fact": name, "op": "before_days", "value": days}
        case _, Value(value):
            said = value.isoformat() if isinstance(value, date) else value
            return {"fact": name, "op": NAMED[operator], "value": said}
        case _:
            return None


def _listed(values: tuple[Value, ...]) -> list[Any]:
    return [v.value.isoformat() if isinstance(v.value, date) else v.value for v in values]


def _text(given: Mapping[str, Any], facts: Facts) -> str:
    for key, word in (("all", " AND "), ("any", " OR ")):
        if key in given:
            parts = [f"({_text(one, facts)})" for one in given[key]]
            if not parts:
                raise RuleError("builder", what="no condition")
            return word.join(parts)
    if "sql" in given:
        return read(str(given["sql"]), facts).text
    return _condition(str(given.get("fact", "")), str(given.get("op", "")), given, facts)


def _condition(name: str, operation: str, given: Mapping[str, Any], facts: Facts) -> str:
    fact = facts.get(name)
    if fact is None:
        raise RuleError("unknown_fact", name=name)
    if operation in WITHOUT_VALUE:
        return {
            "known": f"{name} IS NOT NULL",
            "unknown": f"{name} IS NULL",
            "yes": f"{name} = TRUE",
            "no": f"{name} = FALSE",
        }[operation]
    return _with_value(fact, operation, given.get("value"))


def _with_value(fact: FactType, operation: str, value: Any) -> str:
    name = fact.name
    if operation in COMPARING:
        return f"{name} {COMPARING[operation]} {_literal(fact, value)}"
    if operation in ("in", "not_in"):
        listed = value if isinstance(value, list) else str(value or "").split(",")
        written = ", ".join(_literal(fact, one) for one in listed)
        return f"{'NOT ' * (operation == 'not_in')}({name} IN ({written}))"
    if operation in ("contains", "starts"):
        start = "%" if operation == "contains" else ""
        return f"{name} ILIKE {_quoted(start + str(value or '') + '%')}"
    return _range(fact, operation, value)


def _range(fact: FactType, operation: str, value: Any) -> str:
    name = fact.name
    if operation == "between" and isinstance(value, list) and len(value) == 2:
        return f"{name} BETWEEN {_literal(fact, value[0])} AND {_literal(fact, value[1])}"
    if operation == "last_days":
        return f"{name} BETWEEN today - {_days(value)} AND today"
    if operation == "next_days":
        return f"{name} BETWEEN today AND today + {_days(value)}"
    if operation == "before_days":
        return f"{name} < today - {_days(value)}"
    raise RuleError("builder", what=operation or name)


def _days(value: Any) -> int:
    try:
        return abs(int(str(value).strip()))
    except ValueError:
        raise RuleError("number", what=value) from None


def _literal(fact: FactType, value: Any) -> str:
    said = str(value if value is not None else "").strip()
    if fact.kind == "number":
        return _number(said)
    if fact.kind == "date":
        return _quoted(said)
    if not said:
        raise RuleError("builder", what=fact.name)
    return _quoted(said)


def _number(said: str) -> str:
    try:
        return repr(float(said.replace(",", "")))
    except ValueError:
        raise RuleError("number", what=said) from None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
