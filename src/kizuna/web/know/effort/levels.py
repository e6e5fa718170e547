"""Service levels in words: what was promised, what came of it, how a deadline came about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kizuna.pipeline.know.service_calendars import read_hours
from kizuna.web.know.effort.forms import WEEK
from kizuna.web.know.effort.hours import written
from kizuna.web.know.effort.models import ServiceTarget
from kizuna.web.know.effort.queries import Issue, Row, Service
from kizuna.web.know.effort.words import customer_url, issue_url, moment_of, utc
from kizuna.web.know.rows.links import rows_url
from kizuna.web.ui.components import Cell, Column, Explain, Table
from kizuna.web.ui.templatetags.ui import moment, writer


def service(found: Service) -> dict[str, Any]:
    """Give what the page of service levels shows."""
    return {
        "preset": any(row["preset"] for row in found.targets),
        "months": _months(found.months),
        "open": _levels(found.open, _("Still to be done, soonest first")),
        "missed": _levels(found.missed, _("Missed, latest first")),
        "explain": Explain(
            _(
                "Of the issues whose clock began in the month and whose outcome is known, the "
                "share answered or solved in time, in open hours."
            ),
            _("met ÷ (met + missed)"),
            _(
                "Issues of the last year. What falls due on the last day counts as running; while "
                "the customer is awaited, the clock of the solution stands still."
            ),
        ),
    }


def week(days: Sequence[Any]) -> list[tuple[str, str]]:
    """Write the hours of a week."""
    return [(str(name), written(day) or _("closed")) for name, day in zip(WEEK, days, strict=True)]


def promise(target: ServiceTarget) -> str:
    """Say what is promised."""
    say, parts = writer(), []
    if target.first_response_minutes:
        hours = say.number(target.first_response_minutes / 60, 1)
        parts.append(_("answer within %(hours)s open hours") % {"hours": hours})
    if target.resolution_minutes:
        hours = say.number(target.resolution_minutes / 60, 1)
        parts.append(_("solution within %(hours)s open hours") % {"hours": hours})
    return say.join(parts)


def told(found: Issue, level: Row) -> dict[str, Any]:
    """Explain a deadline step by step."""
    say = writer()
    rows = {row["calendar"]: row for row in found.calendars}
    hours = read_hours(rows[level["calendar"]])
    waited = found.pauses if level["target"] == "resolution" else ()
    pauses = [(utc(p["from_at"]), p["until_at"] and utc(p["until_at"])) for p in waited]
    counted = hours.deadline(utc(level["from_at"]), level["promised_minutes"], pauses)
    columns = [Column(_("Open from")), Column(_("Until"))]
    columns += [Column(_("Counted (minutes)"), number=True), Column(_("Minutes left"), number=True)]
    steps: list[list[Any]] = [
        [
            moment(part.from_at),
            moment(part.until_at),
            say.number(part.minutes, 0),
            say.number(part.left, 0),
        ]
        for part in counted.parts
    ]
    return {
        "name": _targets()[level["target"]],
        "state": _state(level),
        "summary": _summary(level, rows[level["calendar"]]["zone"]),
        "steps": Table(_("How the deadline came about"), columns, steps),
    }


def _summary(level: Row, zone: str) -> str:
    say = writer()
    values = {
        "policy": _policy(level["policy"]),
        "promised": say.number(level["promised_minutes"] / 60, 1),
        "calendar": _office(level["calendar"]),
        "zone": zone,
        "from_at": moment_of(level["from_at"]),
        "due": moment_of(level["due_at"]) if level["due_at"] else _("not while it waits"),
        "used": say.number(level["used_minutes"] / 60, 1),
    }
    return (
        _(
            "Promise “%(policy)s”: %(promised)s open hours in the calendar %(calendar)s "
            "(%(zone)s). From %(from_at)s, due %(due)s; %(used)s open hours were used."
        )
        % values
    )


def _months(rows: Sequence[Row]) -> Table:
    say, names = writer(), _targets()
    columns = [Column(_("Month")), Column(_("Promise")), Column(_("Target"))]
    heads = (_("Met in time"), _("Met"), _("Missed"), _("In hand"), _("Paused"))
    columns += [Column(head, number=True) for head in heads]
    columns += [Column(_("Median, open hours"), number=True)]
    found: list[list[Any]] = [
        [
            say.month(row["month"]),
            _policy(row["policy"]),
            names[row["target"]],
            "–"
            if row["share_met"] is None
            else Cell(say.percent(row["share_met"], 1), _of(row, "judged")),
            *(
                Cell(say.number(row[state]), _of(row, state) if row[state] else "")
                for state in ("met", "missed", "running", "paused")
            ),
            "–"
            if row["median_minutes"] is None
            else Cell(say.number(row["median_minutes"] / 60, 1), _of(row, "done")),
        ]
        for row in rows
    ]
    return Table(_("Service levels by month"), columns, found)


def _of(row: Row, state: str) -> str:
    """Lead to the issues that a number is made of."""
    asked = {name: row[name] for name in ("month", "policy", "target")}
    return rows_url("levels", **asked, state=state)


def _levels(rows: Sequence[Row], caption: str) -> Table:
    names = _targets()
    columns = [Column(_("Issue")), Column(_("Customer")), Column(_("Target"))]
    columns += [Column(_("Since")), Column(_("Due")), Column(_("State"))]
    found: list[list[Any]] = [
        [
            Cell(row["issue_id"], issue_url(row)),
            Cell(row["name"], customer_url(row["customer_id"])),
            names[row["target"]],
            moment_of(row["from_at"]),
            moment_of(row["due_at"]) if row["due_at"] else "–",
            _state(row),
        ]
        for row in rows
    ]
    return Table(caption, columns, found)


def _targets() -> dict[str, str]:
    return {"first_response": _("First answer"), "resolution": _("Solution")}


def _state(level: Row) -> Cell:
    """Name a state; what was running when figures were computed may be overdue by now."""
    state = level["state"]
    if state == "running" and level["due_at"] and utc(level["due_at"]) < timezone.now():
        return Cell(_("Overdue"), mood="serious")
    words = {
        "met": (_("Met"), "good"),
        "missed": (_("Missed"), "serious"),
        "running": (_("In hand"), "info"),
        "paused": (_("Paused: the customer is awaited"), "unknown"),
    }
    word, mood = words[state]
    return Cell(word, mood=mood)


def _policy(name: str) -> str:
    return _("usual (preset)") if name == "usual" else name


def _office(name: str) -> str:
    return _("office hours (preset)") if name == "office" else name
