"""Quiet hours, weekends and holidays, where the customer lives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

A_DAY = timedelta(days=1)
AHEAD = 60
"""Days within which some hour is not quiet, unless the rules contradict themselves."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """When nobody is contacted; `from_` = `until` is never."""

    from_: time
    until: time
    weekends: bool = False
    closed: Collection[date] = frozenset()

    def ends(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """Give when it ends that it is quiet; None where it is not, or never ends."""
        if not self.holds(at.astimezone(zone)):
            return None
        day = at.astimezone(zone).date()
        for later in range(AHEAD):
            for opening in self._openings(day + later * A_DAY, zone):
                if opening > at and not self.holds(opening.astimezone(zone)):
                    return opening
        return at + AHEAD * A_DAY

    def holds(self, local: datetime) -> bool:
        """Tell whether it is quiet."""
        return self._is_night(local.time()) or self._is_off(local.date())

    def _is_off(self, day: date) -> bool:
        return day in self.closed or (self.weekends and day.weekday() >= 5)

    def _is_night(self, now: time) -> bool:
        if self.from_ <= self.until:
            return self.from_ <= now < self.until
        return now >= self.from_ or now < self.until

    def _openings(self, day: date, zone: ZoneInfo) -> list[datetime]:
        """Give the moments of a day at which it may cease to be quiet."""
        moments = sorted({time(0), self.until})
        return [datetime.combine(day, moment, zone).astimezone(UTC) for moment in moments]
