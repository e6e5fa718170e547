"""The clock of playbooks: waits in hours, days and business days, and until someone is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kizuna.jobs.business_days import Calendar

OPENS, CLOSES = time(9), time(18)
AHEAD = 60
"""Days within which some day is open, unless the calendar is contradictory."""
LONGEST = timedelta(days=730)
ZERO = timedelta(0)


def whole(value: Any) -> float:
    """Give a number that was written; 0 where it is none."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and value > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Where and when the organisation works; `zone_of` says where a customer lives."""

    zone: ZoneInfo
    calendar: Calendar
    zone_of: Callable[[str], ZoneInfo] | None = None

    def after(self, at: datetime, values: Mapping[str, Any]) -> datetime:
        """Give the end of a wait that begins now."""
        passing = timedelta(
            days=whole(values.get("days")),
            hours=whole(values.get("hours")),
            minutes=whole(values.get("minutes")),
        )
        waited = at + min(passing, LONGEST)
        business = int(whole(values.get("business_days")))
        return self._business(waited, business) if business else waited

    def _business(self, at: datetime, count: int) -> datetime:
        """Give the same time of day so many business days later."""
        day = at.astimezone(self.zone)
        left, passed = count, 0
        closed = self.calendar.closed_days(day.date(), day.date() + timedelta(days=2 * count + 60))
        while left and passed < 2 * count + 60:
            passed += 1
            left -= (day + timedelta(days=passed)).date() not in closed
        return (day + timedelta(days=passed)).astimezone(at.tzinfo)

    def opening(self, at: datetime, values: Mapping[str, Any], customer_id: str) -> datetime:
        """Give the first moment from now on that lies in the hours asked for."""
        recipient = values.get("whose") == "recipient" and self.zone_of is not None
        zone = self.zone_of(customer_id) if recipient and self.zone_of else self.zone
        opens = hour(values.get("from"), OPENS)
        closes = hour(values.get("to"), CLOSES)
        local = at.astimezone(zone)
        for day in range(AHEAD):
            on = (local + timedelta(days=day)).date()
            if self.calendar.closed_days(on, on):
                continue
            first = datetime.combine(on, opens, zone)
            if max(local, first) < datetime.combine(on, closes, zone):
                return max(local, first).astimezone(at.tzinfo)
        return at


def hour[T](written: Any, default: T) -> time | T:
    """Read 9:30; the default where nothing that is a time was written."""
    try:
        return time.fromisoformat(str(written).strip().zfill(5))
    except ValueError:
        return default
