"""From a rule to what is watched: conditions on facts in the words of the engine."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from kizuna.jobs.transitions import Condition, Trend
from kizuna.jobs.watch import MODELLED, Watched
from kizuna.pipeline.engine import identifier
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.parameters import minor_units
from kizuna.pipeline.rules import reading, writing
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.terms import Rule
from kizuna.pipeline.tables import TABLES
from kizuna.web.know.alerts.models import OF_SEGMENTS, OVER_FACTS, TRENDS, AlertRule, Kind
from kizuna.web.know.publications.queries import Published

FACTS, PANEL, TRAIL = "customer_facts", "fact_panel", "health_trail"


def watched_of(rule: AlertRule, currency: str) -> Watched:
    """Say what a rule watches; raises InputError where its text cannot be read."""
    if rule.kind in OVER_FACTS:
        return _over_facts(rule, rule.condition, currency)
    if rule.kind in OF_SEGMENTS and rule.segment is not None:
        return _over_facts(rule, rule.segment.rule, currency)
    trends = (Trend(_followed(rule), rule.days),) if rule.kind in TRENDS else ()
    return Watched(Condition(rule.pk or 0, _of_fact(rule, currency), trends), (rule.fact,))


def readable(rules: Iterable[AlertRule], currency: str) -> tuple[list[Watched], dict[int, str]]:
    """Give what rules watch, and why others cannot: those stay silent, and the page says so."""
    good: list[Watched] = []
    refused: dict[int, str] = {}
    for rule in rules:
        try:
            good.append(watched_of(rule, currency))
        except InputError as error:
            refused[rule.pk] = str(error)
    return good, refused


def watchable() -> list[str]:
    """Name the facts that are numbers, in the order of the table."""
    return [c.name for c in TABLES[FACTS].columns if c.type in ("BIGINT", "INTEGER", "DOUBLE")]


def with_a_past() -> frozenset[str]:
    """Name the facts whose values of former days are kept, or told by the models of now."""
    panel = TABLES.get(PANEL)
    kept = {*(panel.column_names if panel else ()), *MODELLED, "health"}
    return frozenset(kept).intersection(watchable())


def past_of(state: Published) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the files of facts of former days, and of what models say of these, if published."""
    panel, trail = (state.files(n) if state.has(n) else () for n in (PANEL, TRAIL))
    return panel, trail


def unit_of(fact: str) -> str:
    """Give the unit of a fact."""
    return next((c.unit for c in TABLES[FACTS].columns if c.name == fact), "")


def _over_facts(rule: AlertRule, text: str, currency: str) -> Watched:
    read = _read(text)
    sql = writing.sql(read.part, today="day", minor_units=minor_units(currency))
    if rule.kind in (Kind.RULE_ENDS, Kind.LEAVES):
        sql = f"NOT ({sql})"
    return Watched(Condition(rule.pk or 0, sql), read.facts)


@lru_cache(maxsize=1_000)
def _read(text: str) -> Rule:
    """Read a rule once: the looks at what just came in want the same ones every second."""
    return reading.read(text, known_facts())


def _of_fact(rule: AlertRule, currency: str) -> str:
    now, amount = identifier(rule.fact), _amount(rule, currency)
    if rule.kind in (Kind.ABOVE, Kind.BELOW):
        return f"{now} {'>=' if rule.kind == Kind.ABOVE else '<='} {amount!r}"
    now = identifier(_followed(rule))
    past = identifier(Trend(_followed(rule), rule.days).column)
    change = f"({now} - {past})"
    if rule.relative:
        change = f"({change} / nullif(abs({past}), 0))"
    return f"{change} >= {amount!r}" if rule.kind == Kind.RISES else f"{change} <= {-amount!r}"


def _followed(rule: AlertRule) -> str:
    """Name the fact whose course is followed: of health what is computed, not what a person set."""
    return "health_learned" if rule.fact == "health" else rule.fact


def _amount(rule: AlertRule, currency: str) -> float:
    amount = float(rule.amount or 0)
    if rule.relative and rule.kind in TRENDS:
        return amount / 100
    return amount * minor_units(currency) if unit_of(rule.fact) == "minor" else amount


def as_json(value: Any) -> Any:
    """Give a fact as JSON holds it."""
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
