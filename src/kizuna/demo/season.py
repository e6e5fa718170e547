"""The shop's year: how busy each day is, and a clock that runs faster on busy days.

Customers buy at a constant rate by the busy clock; read back on the calendar, their orders crowd
into December, March, Mother's Day and the midsummer gifts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from kizuna.clv.data import FloatArray

type Whose = int | NDArray[np.int64]
type Reading = Callable[[FloatArray, FloatArray], FloatArray]

MONTHS = (0.75, 0.90, 1.35, 0.90, 1.30, 0.85, 1.25, 0.80, 0.85, 0.85, 0.95, 1.60)
"""How busy a day of January, …, December is; graduations, Mother's Day, お中元, year's end."""


@dataclass(frozen=True, slots=True)
class Year:
    """When somebody buys: how busy each month is, and a day of a weekend beside one of the week."""

    months: tuple[float, ...] = MONTHS
    weekend: float = 1.0

    def level(self, day: date) -> float:
        """Say how busy a day is; the mean of a year is 1, but for what its days do not divide."""
        of_week = self.weekend if day.weekday() >= SATURDAY else 1.0
        usual = (5 + 2 * self.weekend) / 7 * sum(self.months) / 12
        return self.months[day.month - 1] * of_week / usual


USUAL = Year()
SATURDAY = 5


@dataclass(frozen=True, slots=True, eq=False)
class Season:
    """Days counted from `start`, and busy days passed by then, shape (years, days + 1)."""

    start: date
    clocks: FloatArray

    @classmethod
    def over(cls, start: date, days: int, years: Sequence[Year] = (USUAL,)) -> Season:
        """Set a clock for each year over `days` days; a year of 365 busy days is 365 days."""
        dates = [start + timedelta(days=d) for d in range(days)]
        levels = [[year.level(day) for day in dates] for year in years]
        return cls(start, np.pad(np.cumsum(levels, axis=1), ((0, 0), (1, 0))))

    def busy(self, day: FloatArray, year: Whose = 0) -> FloatArray:
        """Busy days passed by the clock of the year when `day` calendar days have passed."""
        days = np.arange(self.clocks.shape[1])
        return self._read(day, year, lambda at, clock: np.interp(at, days, clock))

    def day(self, busy: FloatArray, year: Whose = 0) -> FloatArray:
        """Calendar days passed when `busy` busy days have passed."""
        days = np.arange(self.clocks.shape[1])
        return self._read(busy, year, lambda at, clock: np.interp(at, clock, days))

    def _read(self, at: FloatArray, year: Whose, read: Reading) -> FloatArray:
        """Read each by the clock of its own year."""
        years, found = np.broadcast_to(year, np.shape(at)), np.empty(np.shape(at))
        for number, clock in enumerate(self.clocks):
            here = years == number
            found[here] = read(np.asarray(at)[here], clock)
        return found
