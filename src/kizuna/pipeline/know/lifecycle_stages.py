"""The stage of each customer: one model for shops and contracts.

Rules are those of `lifecycle_rules.csv`, unless people set their own (`own_stages`).

Stages stand in order: a customer is in the first whose entry rule holds and whose exit rule does
not. `days` says how long she has been there, as far as facts tell.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from kizuna.pipeline.contracts import Column, Table
from kizuna.pipeline.fact_tables import GRAIN
from kizuna.pipeline.rules import writing
from kizuna.pipeline.rules.catalogue import facts_of
from kizuna.pipeline.rules.reading import read, read_term
from kizuna.pipeline.rules.terms import Facts, Not, Part
from kizuna.pipeline.tables import TABLES


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as its rules have it; without `exit` only the entry rule counts."""

    name: str
    entry: str
    exit: str
    days: str
    expected_days: int | None


LAST_DAY: Final = "last_day AS (SELECT max(day) AS day FROM fact_days), "
KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""What the key of a stage may be: it is written into SQL."""


def own_stages(rows: Iterable[Mapping[str, Any]]) -> tuple[Stage, ...]:
    """Give the stages that people set, in their order; raises `ValueError` for a strange key."""
    ordered = sorted(rows, key=lambda row: (row["place"], row["stage"]))
    for row in ordered:
        if not KEY.fullmatch(row["stage"]):
            raise ValueError(f"{row['stage']!r} cannot be the key of a stage")
    return tuple(
        Stage(r["stage"], r["entry"], r["exit"] or "", r["days"] or "", r["expected_days"])
        for r in ordered
    )


def stages() -> tuple[Stage, ...]:
    """Give the packaged stages in their order."""
    text = (files(__package__) / "lifecycle_rules.csv").read_text(encoding="utf-8")
    return tuple(_stage(row) for row in csv.DictReader(text.splitlines()))


def stages_sql(
    listed: tuple[Stage, ...], facts: Facts, *, minor_units: int = 1, told: str = ""
) -> str:
    """Write the SELECT of the stages; raises `RuleError` for a rule that cannot be used.

    Parameters
    ----------
    listed : the stages in their order.
    facts : what rules may name.
    minor_units : minor units in one unit of the currency; amounts in rules are in units.
    told : a SELECT of the facts and of their day, `today_is`; empty: those of the last day.

    """
    stage = " ".join(f"WHEN {_holds(s, facts, minor_units)} THEN '{s.name}'" for s in listed)
    return (
        f"WITH {'' if told else LAST_DAY}told AS ({told or _told()}), "
        f"staged AS (SELECT *, CASE {stage} END AS stage FROM told), "
        f"timed AS (SELECT *, {_by_stage(listed, facts, minor_units)} AS days FROM staged) "
        "SELECT customer_id, stage AS lifecycle_stage, "
        "CASE WHEN days >= 0 THEN CAST(days AS DOUBLE) END AS stage_days, "
        f"{_expected(listed)} AS stage_expected_days, days > {_expected(listed)} AS stage_stuck "
        "FROM timed WHERE stage IS NOT NULL"
    )


def known() -> Facts:
    """Give the facts that stages may use: all but what is concluded of them."""
    columns = (*TABLES["valued_customers"].columns, *_panel())
    return facts_of(Table("told", (), "", columns))


def _panel() -> tuple[Column, ...]:
    taken = {*GRAIN, *TABLES["valued_customers"].column_names}
    return tuple(c for c in TABLES["fact_panel"].columns if c.name not in taken)


def _told() -> str:
    columns = [f"valued.{c.name}" for c in TABLES["valued_customers"].columns]
    columns += [f"fact_panel.{c.name}" for c in _panel()]
    return (
        f"SELECT {', '.join(columns)}, last_day.day AS today_is FROM valued_customers AS valued "
        "CROSS JOIN last_day LEFT JOIN fact_panel "
        "ON valued.customer_id = fact_panel.customer_id AND fact_panel.day = last_day.day"
    )


def _stage(row: dict[str, str]) -> Stage:
    expected = int(row["expected_days"]) if row["expected_days"] else None
    return Stage(row["stage"], row["entry"], row["exit"], row["days"], expected)


def _holds(stage: Stage, facts: Facts, minor_units: int) -> str:
    entry = _sql(read(stage.entry, facts).part, minor_units)
    if not stage.exit:
        return entry
    return f"({entry} AND {_sql(Not(read(stage.exit, facts).part), minor_units)} IS NOT FALSE)"


def _sql(part: Part, minor_units: int) -> str:
    return writing.sql(part, today="today_is", minor_units=minor_units)


def _by_stage(listed: tuple[Stage, ...], facts: Facts, minor_units: int) -> str:
    timed = [
        f"WHEN '{s.name}' THEN CAST({_term(s.days, facts, minor_units)} AS DOUBLE)"
        for s in listed
        if s.days
    ]
    return f"CASE stage {' '.join(timed)} END" if timed else "CAST(NULL AS DOUBLE)"


def _term(text: str, facts: Facts, minor_units: int) -> str:
    return writing.term_sql(read_term(text, facts), today="today_is", minor_units=minor_units)


def _expected(listed: tuple[Stage, ...]) -> str:
    whens = [f"WHEN '{s.name}' THEN {s.expected_days}" for s in listed if s.expected_days]
    return f"CAST(CASE stage {' '.join(whens)} END AS BIGINT)" if whens else "CAST(NULL AS BIGINT)"


SQL = stages_sql(stages(), known())
