"""Where a number leads: the address of its rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse


def rows_url(name: str, **asked: Any) -> str:
    """Give the address of the rows of a kind; what is None is not asked."""
    given = {key: _written(key, value) for key, value in asked.items() if value is not None}
    return reverse("rows:rows", args=[name], query=given)


def before(month: date) -> date:
    """Give the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def later(month: date, months: int) -> date:
    """Give the first day of a month that is some months later."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _written(key: str, value: Any) -> str:
    """Write days as the pages read them: months by year and month."""
    if not isinstance(value, date):
        return str(value)
    return f"{value:%Y-%m-%d}" if key == "made_on" else f"{value:%Y-%m}"
