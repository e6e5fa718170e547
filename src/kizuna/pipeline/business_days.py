"""Counting in business days, over the days that are closed; and months that end when months end."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Set
from datetime import date, timedelta

A_DAY = timedelta(days=1)
LONGEST = 60
"""Days in a row that may be closed; a calendar without any business day is an error."""


def on_or_before(day: date, closed: Set[date]) -> date:
    """Give the day itself, or the last business day before it.

    Raises
    ------
    ValueError
        When all days for two months are closed.

    """
    for back in range(LONGEST):
        if (found := day - back * A_DAY) not in closed:
            return found
    raise ValueError(f"no business day in the {LONGEST} days before {day}")


def before(day: date, count: int, closed: Set[date]) -> date:
    """Give the business day that lies so many business days before a day; 0: on or before it."""
    found = on_or_before(day, closed)
    for _ in range(count if found == day else count - 1):
        found = on_or_before(found - A_DAY, closed)
    return found


def after(day: date, count: int, closed: Set[date]) -> date:
    """Give the business day that lies so many business days after a day; 0: on or after it.

    Raises
    ------
    ValueError
        When all days for two months are closed.

    """
    found = _on_or_after(day, closed)
    for _ in range(count if found == day else count - 1):
        found = _on_or_after(found + A_DAY, closed)
    return found


def _on_or_after(day: date, closed: Set[date]) -> date:
    for ahead in range(LONGEST):
        if (found := day + ahead * A_DAY) not in closed:
            return found
    raise ValueError(f"no business day in the {LONGEST} days after {day}")


def between(first: date, last: date, closed: Set[date]) -> int:
    """Count the business days after one day up to another; below 0 where it is past."""
    low, high = sorted((first, last))
    days = (low + k * A_DAY for k in range(1, (high - low).days + 1))
    count = sum(day not in closed for day in days)
    return count if last >= first else -count


def months_after(day: date, months: int) -> date:
    """Give the same day of a later month, or its last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
