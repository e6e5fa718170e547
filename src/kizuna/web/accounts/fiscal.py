"""The fiscal year: which one a day lies in, and which quarter of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext

QUARTER = 3
MONTHS = 12


@dataclass(frozen=True, slots=True)
class FiscalQuarter:
    """A quarter of a fiscal year that starts in a month; the year is named after its start."""

    year: int
    quarter: int
    start_month: int

    @property
    def first_day(self) -> date:
        """The day on which the year starts."""
        return date(self.year, self.start_month, 1)

    @property
    def last_day(self) -> date:
        """The day on which the year ends."""
        return date(self.year + 1, self.start_month, 1) - timedelta(days=1)

    def __str__(self) -> str:
        return gettext("FY%(year)s Q%(quarter)s") % {"year": self.year, "quarter": self.quarter}


def quarter_of(day: date, start_month: int) -> FiscalQuarter:
    """Tell the fiscal year and quarter of a day."""
    months = (day.month - start_month) % MONTHS
    year = day.year if day.month >= start_month else day.year - 1
    return FiscalQuarter(year, months // QUARTER + 1, start_month)
