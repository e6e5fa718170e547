"""What a report is written from: the summary, the tables, the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from pyarrow import Table

from kizuna.report.language import Language

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Material:
    """Results as handed over, read by name; whatever is missing reads as None or empty."""

    summary: Mapping[str, Any]
    tables: Mapping[str, Table]
    say: Language

    def get(self, *path: str) -> Any:
        """Read a value of the summary by its path; None when any part is missing."""
        value: Any = self.summary
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Rows of a table; none when the table is missing."""
        table = self.tables.get(name)
        return [] if table is None else table.to_pylist()

    def day(self, *path: str) -> str:
        """Write a day of the summary."""
        value = as_day(self.get(*path))
        return self.say.day(value) if value else "–"

    @cached_property
    def horizon_days(self) -> int:
        """Days ahead over which value is counted."""
        return int(self.get("horizon_days") or 365)

    @cached_property
    def horizon(self) -> str:
        """The horizon in words."""
        return self.say.counted("{n} day", "{n} days", self.horizon_days)

    @cached_property
    def days_a_period(self) -> int:
        """Days in the unit of time that the model counts in."""
        return 7 if (self.get("model", "unit") or self.get("period")) == "week" else 1

    @cached_property
    def periods_a_year(self) -> float:
        """Periods of the model in a year."""
        return DAYS_A_YEAR / self.days_a_period

    @cached_property
    def model(self) -> str | None:
        """Name of the chosen model; None when the plain formula had to do."""
        name = self.get("model", "name")
        return None if name is None else str(name)

    @cached_property
    def margin(self) -> float:
        """Share of revenue that is kept."""
        value = self.get("options", "margin")
        return 1.0 if value is None else float(value)


def as_day(value: Any) -> date | None:
    """Read a day from a date or its ISO text."""
    if isinstance(value, date):
        return value
    return date.fromisoformat(str(value)[:10]) if value else None
