"""The hours in which a message may go, where the recipient lives: asked whenever it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from kizuna.web.act.gate.models import Recipient

type Hours = tuple[int, int]
"""Minutes of the day: from, and until."""


def opens(at: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    """Give the first moment from `at` on that is within the hours; `at`, where it is."""
    local = at.astimezone(zone)
    for day in range(3):
        on = local.date() + timedelta(days=day)
        first, last = (_moment(on, minutes, zone) for minutes in hours)
        if max(at, first) < last:
            return max(at, first)
    return at


def _moment(on: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, minute = divmod(minutes, 24 * 60)
    local = datetime.combine(on + timedelta(days=days), time(minute // 60, minute % 60), zone)
    return local.astimezone(UTC)


def zones_of(customer_ids: Sequence[str]) -> dict[str, ZoneInfo]:
    """Say where customers live, as far as it is known; elsewhere the organisation."""
    rows = Recipient.objects.filter(pk__in=customer_ids).exclude(zone="")
    known = dict(rows.values_list("customer_id", "zone"))
    return {one: ZoneInfo(known.get(one, settings.TIME_ZONE)) for one in customer_ids}
