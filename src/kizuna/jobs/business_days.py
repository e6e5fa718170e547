"""The business calendar: public holidays of a country, the turn of the year, a company's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import holidays

from kizuna.pipeline.errors import InputError

WEEKEND = 5
"""Days of the week from here on are closed: Saturday and Sunday."""
TURN_OF_YEAR = ((12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3))
"""年末年始: closed in Japan, by law for public offices and by custom for companies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days are closed.

    Attributes
    ----------
    country : ISO code of the country whose public holidays are kept; '' for none.
    turn_of_year : whether 29 December to 3 January are closed.
    own : days on which the company is closed besides.
    notice_in_business_days : whether notice periods of contracts are counted in business days.

    """

    country: str = ""
    turn_of_year: bool = False
    own: frozenset[date] = frozenset()
    notice_in_business_days: bool = False

    def closed_days(self, first: date, last: date) -> frozenset[date]:
        """Give the closed days from one day to another."""
        public = self._public(first, last)
        days = (first + timedelta(days=k) for k in range((last - first).days + 1))
        return frozenset(day for day in days if self._is_closed(day, public))

    def besides_weekends(self, first: date, last: date) -> frozenset[date]:
        """Give the days from one to another that are closed for more than their weekday."""
        public = self._public(first, last)
        days = (first + timedelta(days=k) for k in range((last - first).days + 1))
        return frozenset(day for day in days if self._is_special(day, public))

    def _is_closed(self, day: date, public: frozenset[date]) -> bool:
        return day.weekday() >= WEEKEND or self._is_special(day, public)

    def _is_special(self, day: date, public: frozenset[date]) -> bool:
        turn = self.turn_of_year and (day.month, day.day) in TURN_OF_YEAR
        return turn or day in self.own or day in public

    def _public(self, first: date, last: date) -> frozenset[date]:
        if not self.country:
            return frozenset()
        years = range(first.year, last.year + 1)
        return frozenset(holidays.country_holidays(self.country, years=years))


def parse_country(text: str) -> str:
    """Check that the holidays of a country are known; '' is none.

    Raises
    ------
    InputError
        When they are not.

    """
    code = text.strip().upper()
    if code and code not in holidays.list_supported_countries():
        raise InputError(f"holidays of {text!r} are not known; write a country such as JP.")
    return code


def parse_days(text: str) -> frozenset[date]:
    """Read days written as 2026-08-13, or stretches as 2026-08-13/2026-08-16, with commas.

    Raises
    ------
    InputError
        When one is no day, or a stretch ends before it begins or is longer than a year.

    """
    return frozenset(day for part in re.split(r"[,\s]+", text) if part for day in _days(part))


def _days(part: str) -> Iterator[date]:
    first, _, last = part.partition("/")
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise InputError(f"closed day {part!r} is not a day; write it as 2026-08-13.") from None
    if not 0 <= (end - begin).days <= 366:
        raise InputError(f"closed days {part!r} do not run from a day to one within a year.")
    return (begin + timedelta(days=k) for k in range((end - begin).days + 1))
