"""Calendars in whose hours service levels are counted: the company's own, or else a preset."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pyarrow as pa

from kizuna.experience.service import OpenHours
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

PRESET = "office"
WEEKDAY = ((9 * 60, 18 * 60),)


def service_calendars(own_service_calendars: pa.Table, *, run: Run) -> pa.Table:
    """Give the company's calendars; Monday to Friday, nine to six, where it has none."""
    rows = [row | {"preset": False} for row in own_service_calendars.to_pylist()]
    return pa.Table.from_pylist(rows or [_preset(run)], schema=arrow_schema("service_calendars"))


def read_hours(row: dict[str, Any]) -> OpenHours:
    """Read the calendar of a row.

    Raises
    ------
    CalendarError
        When it contradicts itself or is never open.

    """
    week = tuple(tuple((int(o), int(c)) for o, c in day) for day in json.loads(row["week"]))
    closed = frozenset(date.fromisoformat(day) for day in json.loads(row["closed"]))
    return OpenHours(week, row["zone"], closed)


def _preset(run: Run) -> dict[str, Any]:
    week = [WEEKDAY] * 5 + [()] * 2
    return {
        "calendar": PRESET,
        "zone": run.timezone,
        "week": json.dumps(week),
        "closed": json.dumps(sorted(day.isoformat() for day in run.closed_days)),
        "preset": True,
    }
