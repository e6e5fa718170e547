"""The shop's year: how busy each day is, and a clock that runs faster on busy days.

Customers buy at a constant rate by the busy clock; read back on the calendar, their orders crowd
into December, March, Mother's Day and the midsummer gifts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from kizuna.clv.data import FloatArray

MONTHS = (0.75, 0.90, 1.35, 0.90, 1.30, 0.85, 1.25, 0.80, 0.85, 0.85, 0.95, 1.60)
"""How busy a day of January, …, December is; graduations, Mother's Day, お中元, year's end."""


@dataclass(frozen=True, slots=True, eq=False)
class Season:
    """Days counted from `start`, and busy days passed by then, shape (days + 1,)."""

    start: date
    clock: FloatArray

    @classmethod
    def over(cls, start: date, days: int) -> Season:
        """Set the clock for `days` days from `start`; a year of 365 busy days is 365 days."""
        months = [(start + timedelta(days=d)).month for d in range(days)]
        level = np.array(MONTHS) / np.mean(MONTHS)
        return cls(start, np.append(0.0, np.cumsum(level[np.array(months) - 1])))

    def busy(self, day: FloatArray) -> FloatArray:
        """Busy days passed when `day` calendar days have passed."""
        return np.interp(day, np.arange(len(self.clock)), self.clock)

    def day(self, busy: FloatArray) -> FloatArray:
        """Calendar days passed when `busy` busy days have passed."""
        return np.interp(busy, self.clock, np.arange(len(self.clock)))
