"""The values of one run. Whatever a step needs to know besides tables is here, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pyarrow as pa
from babel.numbers import get_currency_precision

from kizuna.pipeline.tables import arrow_schema

type Period = Literal["day", "week"]

DAYS_PER_PERIOD: dict[str, int] = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run knows: no step reads a clock or draws a number without it.

    Attributes
    ----------
    as_of : last day observed; later rows are the future.
    until : last day of the future that a back-test compares with; omitted: as_of.
    period : unit of frequency's sisters recency and age; it scales time, it merges no purchases.
    timezone : the organisation's zone, in which days and months are cut.
    currency : ISO 4217 code of every amount.
    margin : margin earned on an amount, as a share.
    discount : yearly discount rate of future money.
    horizon_days : how far estimates look ahead.
    seed : for steps that draw.
    closed_days : days without business, for deadlines.
    notice_in_business_days : whether days of notice are counted in business days.
    fact_days : days whose facts are told; empty: the last day observed alone.
    panel_customers : of how many customers facts of days before the last are told; 0: of all.

    """

    as_of: date
    until: date | None = None
    period: Period = "day"
    timezone: str = "UTC"
    currency: str = "USD"
    margin: float = 1.0
    discount: float = 0.10
    horizon_days: int = 365
    seed: int = 0
    closed_days: frozenset[date] = frozenset()
    notice_in_business_days: bool = False
    fact_days: tuple[date, ...] = ()
    panel_customers: int = 0

    def __post_init__(self) -> None:
        if self.period not in DAYS_PER_PERIOD:
            raise ValueError(f"Run.period: {self.period!r} is not one of {list(DAYS_PER_PERIOD)}")
        if self.until is not None and self.until < self.as_of:
            raise ValueError(f"Run.until: {self.until} is before as_of, {self.as_of}")
        if self.fact_days and max(self.fact_days) > self.as_of:
            raise ValueError(f"Run.fact_days: {max(self.fact_days)} is after as_of, {self.as_of}")

    @property
    def days_per_period(self) -> int:
        return DAYS_PER_PERIOD[self.period]

    @property
    def horizon(self) -> float:
        """How far estimates look ahead, in periods."""
        return self.horizon_days / self.days_per_period

    @property
    def minor_units(self) -> int:
        """Minor units in one unit of the currency: 1 for JPY, 100 for USD."""
        return minor_units(self.currency)

    def table(self) -> pa.Table:
        """Give the one-row table `run`, through which SQL reads these values."""
        schema = arrow_schema("run")
        row = {name: getattr(self, name) for name in schema.names}
        return pa.Table.from_pylist([row | {"until": self.until or self.as_of}], schema=schema)

    def fact_table(self) -> pa.Table:
        """Give the table `fact_days`: one column, the days whose facts are told."""
        days = sorted(set(self.fact_days)) or [self.as_of]
        return pa.table({"day": days}, schema=arrow_schema("fact_days"))


def minor_units(currency: str) -> int:
    """Count the minor units in one unit of a currency: 1 for JPY, 100 for USD, 1000 for KWD."""
    return int(10 ** get_currency_precision(currency))
