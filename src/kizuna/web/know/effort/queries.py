"""Effort and service levels as they are published: causes, issues, one issue, one customer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from kizuna.experience.effort import DRIVERS
from kizuna.pipeline.engine import Engine
from kizuna.web.know.customers.naming import named
from kizuna.web.know.effort.forms import Asked
from kizuna.web.know.effort.models import ServiceCalendar, ServiceTarget
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.ui.leafing import Leafing

type Row = dict[str, Any]

A_PAGE = 25
OPEN_SHOWN = 50
MISSED_SHOWN = 50
OF_CUSTOMER_SHOWN = 20
MONTHS_SHOWN = 12
NEEDED = ("issues", "issue_contacts", "effort_scores", "effort_causes", "service_levels")

SCORED = """
SELECT * FROM issues INNER JOIN effort_scores USING (customer_id, issue_id)"""

CAUSED = " OR ".join(f"$1 = '{driver}' AND {driver}_points > 0" for driver in DRIVERS)
HARDEST = f"""{SCORED}
WHERE recent AND ($1 = '' OR {CAUSED}) AND ($2 IS NULL OR coalesce(subject, '') = $2)
    AND ($3 = '' OR channel = $3) AND (NOT $4 OR never_closed) AND (NOT $5 OR hard)
ORDER BY effort DESC, last_at DESC, customer_id, issue_id LIMIT $6 OFFSET $7"""

ONE = f"{SCORED} WHERE customer_id = $1 AND issue_id = $2"
CONTACTS = """
SELECT * FROM issue_contacts WHERE customer_id = $1 AND issue_id = $2 ORDER BY place LIMIT 500"""
LEVELS = "SELECT * FROM service_levels WHERE customer_id = $1 AND issue_id = $2 ORDER BY target"
PAUSES = """
SELECT * FROM issue_pauses WHERE customer_id = $1 AND issue_id = $2 ORDER BY from_at"""
OF_CUSTOMER = f"""{SCORED}
WHERE customer_id = $1 ORDER BY last_at DESC, issue_id LIMIT {OF_CUSTOMER_SHOWN}"""
OPEN = f"""
SELECT * FROM service_levels WHERE state IN ('running', 'paused')
ORDER BY due_at NULLS LAST, customer_id, issue_id, target LIMIT {OPEN_SHOWN}"""
MISSED = f"""
SELECT * FROM service_levels WHERE state = 'missed'
ORDER BY due_at DESC, customer_id, issue_id, target LIMIT {MISSED_SHOWN}"""


@dataclass(frozen=True, slots=True)
class IssuePage(Leafing):
    """What effort comes from, and the hardest issues, page by page."""

    state: Published
    asked: Asked
    all: Row
    causes: Sequence[Row]
    report: Row
    items: Sequence[Row]
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue: its effort, its contacts, what was promised and in which hours."""

    row: Row
    weights: Sequence[Row]
    contacts: Sequence[Row]
    levels: Sequence[Row]
    pauses: Sequence[Row]
    calendars: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Service:
    """Service levels: by month, what runs, what was missed, and what is promised."""

    state: Published
    months: Sequence[Row]
    open: Sequence[Row]
    missed: Sequence[Row]
    targets: Sequence[Row]


def effort(asked: Asked) -> IssuePage | None:
    """Give where effort comes from, and the hardest issues; None where there are no contacts."""
    state = _state()
    if state is None:
        return None
    causes = state.table("effort_causes").to_pylist()
    everything = next((row for row in causes if row["kind"] == "all"), None)
    if everything is None:
        return None
    wanted = [asked.cause, asked.subject, asked.channel, asked.never_closed, asked.hard]
    found = _rows(state, HARDEST, [*wanted, A_PAGE + 1, (asked.page - 1) * A_PAGE])
    report = state.table("effort_report").to_pylist()[0]
    more = len(found) > A_PAGE
    return IssuePage(
        state, asked, everything, causes, report, named(found[:A_PAGE]), asked.page, more
    )


def issue(customer_id: str, issue_id: str) -> Issue | None:
    """Give one issue; None where there is none."""
    state = _state()
    found = _rows(state, ONE, [customer_id, issue_id]) if state else []
    if state is None or not found:
        return None
    asked = [customer_id, issue_id]
    weights, calendars = state.table("effort_model"), state.table("service_calendars")
    return Issue(
        named(found[:1])[0],
        weights.to_pylist(),
        _rows(state, CONTACTS, asked),
        _rows(state, LEVELS, asked),
        _rows(state, PAUSES, asked),
        calendars.to_pylist(),
    )


def service() -> Service | None:
    """Give the service levels; None where there are no contacts."""
    state = _state()
    if state is None or not state.table("service_report").num_rows:
        return None
    months = state.table("service_report").sort_by([("month", "descending")]).to_pylist()
    latest = sorted({row["month"] for row in months})[-MONTHS_SHOWN:]
    targets = state.table("service_targets").sort_by("position").to_pylist()
    shown = [row for row in months if row["month"] in latest]
    running, missed = named(_rows(state, OPEN, [])), named(_rows(state, MISSED, []))
    return Service(state, shown, running, missed, targets)


def of_customer(state: Published, customer_id: str) -> list[Row]:
    """Give the latest issues of one customer."""
    if not state.has("effort_scores"):
        return []
    return _rows(state, OF_CUSTOMER, [customer_id])


def calendars() -> QuerySet[ServiceCalendar]:
    """List the calendars, by name."""
    return ServiceCalendar.objects.order_by("name")


def targets() -> QuerySet[ServiceTarget]:
    """List the promises, in the order in which they are looked at."""
    return ServiceTarget.objects.select_related("calendar").order_by("position", "name")


def calendar(pk: int) -> ServiceCalendar | None:
    """Give a calendar."""
    return ServiceCalendar.objects.filter(pk=pk).first()


def target(pk: int) -> ServiceTarget | None:
    """Give a promise."""
    return ServiceTarget.objects.filter(pk=pk).first()


def _state() -> Published | None:
    state = published()
    return state if state is not None and all(state.has(name) for name in NEEDED) else None


def _rows(state: Published, sql: str, asked: Sequence[object]) -> list[Row]:
    """Read rows of published tables by their files; where one is empty there are none."""
    with Engine(threads=2) as engine:
        for name in (n for n in (*NEEDED, "issue_pauses") if n in sql):
            files = state.files(name)
            if not files:
                return []
            engine.register_parquet(name, files)
        found: list[Row] = engine.query(sql, asked).to_pylist()
        return found
