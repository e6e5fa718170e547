"""Reads: the segments, who is in one, who came and went, and why somebody is in or out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from kizuna.jobs import segments as job
from kizuna.jobs.segments import FACTS, MEMBERS, MOVES
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.parameters import minor_units
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.evaluation import Verdict, judge, rule_members_sql
from kizuna.pipeline.rules.reading import read
from kizuna.pipeline.rules.terms import Rule
from kizuna.web.know.customers.engines import own_engine
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.publications.services import store
from kizuna.web.know.segments.models import Rebuild, Segment
from kizuna.web.ui.leafing import Leafing

A_PAGE = 50
MOVES_SHOWN = 50
type Row = dict[str, Any]

IN_IT = """
SELECT m.customer_id, m.since_at, f.name, f.residual_clv, f.value_at_risk
FROM segment_members AS m LEFT JOIN customer_facts AS f ON m.customer_id = f.customer_id
WHERE m.segment_id = $1 ORDER BY f.residual_clv DESC NULLS LAST, m.customer_id"""
MOVED = """
SELECT m.customer_id, f.name, m.kind, m.moved_at
FROM segment_moves AS m LEFT JOIN customer_facts AS f ON m.customer_id = f.customer_id
WHERE m.segment_id = $1 ORDER BY m.moved_at DESC, m.customer_id LIMIT $2"""
HERS = "SELECT segment_id, since_at FROM segment_members WHERE customer_id = $1"
CHECKED = """
SELECT count(*) AS n, sum(residual_clv) AS value FROM customer_facts
WHERE customer_id IN ({})"""
MATCHING = """
SELECT customer_id, name, residual_clv, value_at_risk FROM customer_facts
WHERE customer_id IN ({}) ORDER BY residual_clv DESC NULLS LAST, customer_id LIMIT 51 OFFSET {}"""
RFM = """
SELECT recency_score AS r, frequency_score AS f, count(*) AS customers, sum(residual_clv) AS value
FROM customer_facts WHERE recency_score IS NOT NULL GROUP BY ALL"""
STAGES = """
SELECT lifecycle_stage AS stage, count(*) AS customers, sum(residual_clv) AS value,
    count(*) FILTER (WHERE stage_stuck) AS stuck, median(stage_days) AS days
FROM customer_facts GROUP BY ALL"""
STAGE_OF = "SELECT * FROM lifecycle_stages WHERE customer_id = $1"
STUCK = """
SELECT customer_id, name, lifecycle_stage AS stage, stage_days, stage_expected_days, residual_clv
FROM customer_facts WHERE stage_stuck ORDER BY residual_clv DESC NULLS LAST, customer_id LIMIT 50"""


@dataclass(frozen=True, slots=True)
class Members(Leafing):
    """A page of the customers of a segment, the most valuable first."""

    items: Sequence[Row]
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What a rule would find now."""

    customers: int
    value: float | None


def segments() -> QuerySet[Segment]:
    """List the segments, by name."""
    return Segment.objects.select_related("created_by").order_by("name")


def segment(pk: int) -> Segment | None:
    """Give a segment."""
    return segments().filter(pk=pk).first()


def last_rebuild() -> Rebuild | None:
    """Give the latest pass over all customers."""
    return Rebuild.objects.order_by("-pk").first()


def rule_of(one: Segment) -> Rule | None:
    """Give the rule of a segment; None where it has none that can be used."""
    try:
        return read(one.rule, known_facts())
    except RuleError:
        return None


def members(pk: int, number: int) -> Members:
    """Give a page of the customers of a segment."""
    start = (number - 1) * A_PAGE
    found = _rows(f"{IN_IT} LIMIT {A_PAGE + 1} OFFSET {int(start)}", [pk], MEMBERS)
    return Members(found[:A_PAGE], number, len(found) > A_PAGE)


def everyone_in(pk: int) -> Iterator[Row]:
    """Give all customers of a segment, the most valuable first."""
    yield from _rows(IN_IT, [pk], MEMBERS)


def of_customer(customer_id: str) -> list[tuple[Segment, datetime | None]]:
    """List the segments that are found, each with when this customer entered; None: not in it."""
    kept = [one for one in segments() if one.built_at is not None]
    if not kept:
        return []
    since = {row["segment_id"]: row["since_at"] for row in _rows(HERS, [customer_id], MEMBERS)}
    return [(one, since.get(one.pk)) for one in kept]


def stage_of_customer(state: Published, customer_id: str) -> Row | None:
    """Give the stage that a customer is in; None where it is in none."""
    files = state.files("lifecycle_stages") if state.has("lifecycle_stages") else ()
    if not files:
        return None
    with own_engine() as engine:
        engine.register_parquet("lifecycle_stages", files)
        found: list[Row] = engine.query(STAGE_OF, [customer_id]).to_pylist()
    return found[0] if found else None


def member_ids(pk: int) -> list[str]:
    """Name the customers of a segment."""
    return [row["customer_id"] for row in _rows(IN_IT, [pk], MEMBERS)]


def moves(pk: int) -> list[Row]:
    """Tell who entered and who left last."""
    return _rows(MOVED, [pk, MOVES_SHOWN], MOVES)


def checked(rule: Rule) -> Checked | None:
    """Say what a rule would find among the customers as they are published."""
    state = published()
    if state is None:
        return None
    inner = rule_members_sql(rule, today=_today(state), minor_units=minor_units(state.currency))
    found = _rows(CHECKED.format(inner), [])
    return Checked(found[0]["n"], found[0]["value"]) if found else None


def matching(rule: Rule, number: int) -> Members:
    """Give a page of the customers of a rule that is not kept."""
    state = published()
    if state is None:
        return Members([], 1, False)
    inner = rule_members_sql(rule, today=_today(state), minor_units=minor_units(state.currency))
    found = _rows(MATCHING.format(inner, (number - 1) * A_PAGE), [])
    return Members(found[:A_PAGE], number, len(found) > A_PAGE)


def verdict(one: Segment, customer_id: str) -> Verdict | None:
    """Say why a customer is in or out; None for an unknown one, or without a rule."""
    state, rule = published(), rule_of(one)
    if state is None or rule is None:
        return None
    with Engine(threads=1) as engine:
        engine.register_parquet(FACTS, state.files(FACTS))
        units = minor_units(state.currency)
        return judge(rule, engine, customer_id, today=_today(state), minor_units=units)


def rfm_map() -> list[Row]:
    """Count customers by the scores of recency and frequency."""
    return _rows(RFM, [])


def stages() -> tuple[list[Row], list[Row]]:
    """Count customers by stage, and list who has been in one for longer than it should last."""
    return _rows(STAGES, []), _rows(STUCK, [])


def _rows(sql: str, asked: Sequence[object], *names: str) -> list[Row]:
    """Read rows of the published facts and of tables of segments; [] where there are none."""
    state, tables = published(), store()
    if state is None or not state.has(FACTS) or not set(names) <= set(tables.names()):
        return []
    with Engine(threads=2) as engine:
        engine.register_parquet(FACTS, state.files(FACTS))
        for name in names:
            if name == MEMBERS:
                job.register(engine, tables)
            else:
                tables.register(engine, name)
        found: list[Row] = engine.query(sql, list(asked)).to_pylist()
        return found


def _today(state: Published) -> Any:
    return state.publication.as_of
