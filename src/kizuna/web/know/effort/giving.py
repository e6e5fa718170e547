"""Give each run the calendars and promises that people set, with the holidays of these years."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pyarrow as pa
from django.utils import timezone

from kizuna.jobs.business_days import Calendar, parse_days
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.know.effort.models import ServiceCalendar, ServiceTarget

AROUND = timedelta(days=2 * 366)
"""How far around today closed days are drawn up."""


def give_service(store: Store) -> None:
    """Write them to the store, where they have changed."""
    rows = {
        "own_service_calendars": [_calendar(c) for c in ServiceCalendar.objects.order_by("name")],
        "own_service_targets": [
            {name: value for name, value in target.values.items() if name != "name"}
            | {"policy": target.name, "calendar": target.calendar.name}
            | {"channel": target.channel or None}
            for target in ServiceTarget.objects.select_related("calendar").order_by("name")
        ],
    }
    for name, found in rows.items():
        table = pa.Table.from_pylist(found, schema=arrow_schema(name))
        if name not in store.names():
            if found:
                store.write(name, table)
        elif not store.read(name).equals(table):
            store.write(name, table)


def closed_days(calendar: ServiceCalendar, today: date) -> frozenset[date]:
    """Give the days on which it is closed, around today; days of the week are its own affair."""
    first, last = today - AROUND, today + AROUND
    own = parse_days(calendar.own_days)
    kept = Calendar(country=calendar.country, turn_of_year=calendar.turn_of_year, own=own)
    return kept.besides_weekends(first, last)


def _calendar(calendar: ServiceCalendar) -> dict[str, str]:
    closed = closed_days(calendar, timezone.localdate())
    return {
        "calendar": calendar.name,
        "zone": calendar.zone,
        "week": json.dumps(calendar.week),
        "closed": json.dumps(sorted(day.isoformat() for day in closed)),
    }
