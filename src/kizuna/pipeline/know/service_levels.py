"""Hold each issue of the last year to what was promised for it, in open hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from kizuna.experience.service import OpenHours, Pause, level
from kizuna.pipeline.know.service_calendars import read_hours
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

type Row = dict[str, Any]

A_YEAR = timedelta(days=365)
READ = (
    *("customer_id", "issue_id", "channel", "started_at", "asked_at"),
    *("answered_at", "resolved_at"),
)


def service_levels(
    issues: pa.Table,
    issue_pauses: pa.Table,
    service_calendars: pa.Table,
    service_targets: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Say of each issue whether it was answered and solved in time, as the last day began."""
    now = _beginning(run)
    hours = {row["calendar"]: read_hours(row) for row in service_calendars.to_pylist()}
    targets = service_targets.sort_by([("position", "ascending")]).to_pylist()
    recent = issues.filter(pc.greater(issues["last_at"], (now - A_YEAR).replace(tzinfo=None)))
    pauses = _pauses(issue_pauses)
    rows = [
        row
        for issue in recent.select(READ).to_pylist()
        if (target := _target(issue, targets)) is not None
        for row in _rows(issue, target, hours[target["calendar"]], pauses, now)
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("service_levels"))


def _beginning(run: Run) -> datetime:
    """Give the moment at which the last day begins: what falls due on it is not missed yet."""
    return datetime.combine(run.as_of, time(), tzinfo=ZoneInfo(run.timezone)).astimezone(UTC)


def _target(issue: Row, targets: Sequence[Row]) -> Row | None:
    fits = (t for t in targets if t["channel"] in (None, "", issue["channel"]))
    return next(fits, None)


def _pauses(issue_pauses: pa.Table) -> dict[tuple[str, str], list[Pause]]:
    found: dict[tuple[str, str], list[Pause]] = defaultdict(list)
    for row in issue_pauses.to_pylist():
        until = row["until_at"]
        pause = _utc(row["from_at"]), None if until is None else _utc(until)
        found[row["customer_id"], row["issue_id"]].append(pause)
    return found


def _rows(
    issue: Row,
    target: Row,
    hours: OpenHours,
    pauses: dict[tuple[str, str], list[Pause]],
    now: datetime,
) -> Iterator[Row]:
    """Give a row for each promise; nobody who did not ask is promised an answer."""
    waited = pauses.get((issue["customer_id"], issue["issue_id"]), [])
    asked, promised = issue["asked_at"], target["first_response_minutes"]
    if asked is not None and promised is not None:
        yield _row(issue, target, "first_response", hours, asked, issue["answered_at"], (), now)
    if target["resolution_minutes"] is not None:
        start, done = asked or issue["started_at"], issue["resolved_at"]
        yield _row(issue, target, "resolution", hours, start, done, waited, now)


def _row(
    issue: Row,
    target: Row,
    name: str,
    hours: OpenHours,
    start: datetime,
    done: datetime | None,
    pauses: Sequence[Pause],
    now: datetime,
) -> Row:
    promised = target[f"{name}_minutes"]
    start, done = _utc(start), None if done is None else _utc(done)
    found = level(hours, start=start, promised=promised, done=done, now=now, pauses=pauses)
    return {
        "customer_id": issue["customer_id"],
        "issue_id": issue["issue_id"],
        "target": name,
        "policy": target["policy"],
        "calendar": target["calendar"],
        "from_at": start.replace(tzinfo=None),
        "promised_minutes": promised,
        "due_at": None if found.due_at is None else found.due_at.replace(tzinfo=None),
        "done_at": None if done is None else done.replace(tzinfo=None),
        "used_minutes": found.used,
        "state": found.state,
    }


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
