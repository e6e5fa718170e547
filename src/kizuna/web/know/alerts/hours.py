"""When people are told: in business hours, at once, or once a day."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from kizuna.experience.service import CalendarError, OpenHours
from kizuna.jobs.business_days import Calendar
from kizuna.web.know.alerts.models import AlertRule, Pace
from kizuna.web.know.effort.giving import closed_days
from kizuna.web.know.effort.models import ServiceCalendar
from kizuna.web.know.publications.services import business_calendar

OPENS, CLOSES = time(9), time(18)
"""Business hours, on days that the business calendar has open."""
DIGEST = time(8, 30)
AHEAD = 30
"""Days within which some day is open, unless the calendar is contradictory."""


def due_at(rule: AlertRule, now: datetime) -> datetime:
    """Give the moment at which a rule may be told of."""
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    if rule.pace == Pace.DAILY:
        return _digest_after(local, business_calendar() if rule.in_hours else None)
    if not rule.in_hours:
        return now
    return _service_opening(now) or opening(local, business_calendar())


def _service_opening(now: datetime) -> datetime | None:
    """Give when the service is open next; None where nobody said when it is."""
    kept = ServiceCalendar.objects.order_by("pk").first()
    if kept is None:
        return None
    week = tuple(tuple((opens, closes) for opens, closes in day) for day in kept.week)
    closed = closed_days(kept, now.astimezone(ZoneInfo(kept.zone)).date())
    try:
        return OpenHours(week, kept.zone, closed).deadline(now, 0).due_at
    except CalendarError:
        return None


def opening(local: datetime, calendar: Calendar) -> datetime:
    """Give the first moment from now on at which business is open; now, where none ever is."""
    for day in range(AHEAD):
        on = (local + timedelta(days=day)).date()
        if calendar.closed_days(on, on):
            continue
        opens, closes = (datetime.combine(on, at, local.tzinfo) for at in (OPENS, CLOSES))
        if max(local, opens) < closes:
            return max(local, opens)
    return local


def _digest_after(local: datetime, calendar: Calendar | None) -> datetime:
    for day in range(AHEAD):
        at = datetime.combine((local + timedelta(days=day)).date(), DIGEST, local.tzinfo)
        closed = calendar is not None and calendar.closed_days(at.date(), at.date())
        if at > local and not closed:
            return at
    return local
