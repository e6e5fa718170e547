"""Today in the organisation's zone, and counting in business days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from kizuna.jobs.business_days import Calendar
from kizuna.pipeline.business_days import after
from kizuna.web.know.publications.services import business_calendar

AROUND = timedelta(days=800)
"""Days before and after which holidays are looked up."""


def day_of(at: datetime) -> date:
    """Give the day of a moment where the organisation is."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def today() -> date:
    """Give the day that it is where the organisation is."""
    return day_of(timezone.now())


def closed_around(day: date) -> frozenset[date]:
    """Give the days around a day that are no business days."""
    return _closed(business_calendar(), day.year)


def due(day: date, business_days: int) -> date:
    """Give the business day so many after a day; 0: the day itself, or the next open one."""
    return after(day, max(business_days, 0), closed_around(day))


@lru_cache(maxsize=8)
def _closed(calendar: Calendar, year: int) -> frozenset[date]:
    return calendar.closed_days(date(year, 1, 1) - AROUND, date(year, 12, 31) + AROUND)
