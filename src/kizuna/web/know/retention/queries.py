"""Retention as it is published: months, cohorts, customers, renewals, what winning them cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kizuna.pipeline.engine import Engine
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.retention.forms import Asked

type Row = dict[str, Any]

SHOWN_MONTHS = 24
SHOWN_COHORTS = 24
AGES = (0, 1, 2, 3, 6, 9, 12, 18, 24)

WON = "SELECT * FROM acquisition_cohorts WHERE channel = $1 ORDER BY cohort DESC LIMIT $2"
CHANNELS = """
SELECT channel, sum(customers) AS customers FROM acquisition_cohorts
GROUP BY channel ORDER BY channel <> '*', customers DESC, channel LIMIT 30"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Retention of contracts in one currency, and of orders; either may be missing."""

    state: Published
    currency: str
    currencies: Sequence[str]
    months: Sequence[Row]
    repurchase: Sequence[Row]
    win_backs: Sequence[Row]

    @property
    def last(self) -> Row | None:
        """The last month of contracts."""
        return self.months[-1] if self.months else None


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Customers by the month in which they first paid."""

    state: Published
    currency: str
    currencies: Sequence[str]
    measure: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Won:
    """Customers by the month in which they were won, of one channel."""

    state: Published
    channel: str
    channels: Sequence[str]
    rows: Sequence[Row]


def kept(currency: str) -> Kept | None:
    """Give what is kept, in a currency or in that of most; None where nothing is published."""
    state = published()
    if state is None or not state.has("retention_months"):
        return None
    months = state.table("retention_months").sort_by("month").to_pylist()
    currencies = by_size(months)
    chosen = chosen_of(currency, currencies)
    return Kept(
        state,
        chosen,
        currencies,
        [row for row in months if row["currency"] == chosen],
        state.table("repurchase").to_pylist(),
        state.table("win_backs").sort_by("month").to_pylist(),
    )


def cohorts(asked: Asked) -> Cohorts | None:
    """Give the cohorts of contracts; None where nothing is published."""
    state = published()
    if state is None or not state.has("mrr_cohorts"):
        return None
    rows = state.table("mrr_cohorts").to_pylist()
    currencies = by_size(state.table("retention_months").sort_by("month").to_pylist())
    chosen = chosen_of(asked.currency, currencies)
    own = [row for row in rows if row["currency"] == chosen]
    return Cohorts(state, chosen, currencies, asked.measure, own)


def won(channel: str) -> Won | None:
    """Give what it cost to win the customers of a channel; None where nothing is published."""
    state = published()
    if state is None or not state.has("acquisition_cohorts"):
        return None
    names = [row["channel"] for row in _rows(state, "acquisition_cohorts", CHANNELS, [])]
    chosen = channel if channel in names else "*"
    rows = _rows(state, "acquisition_cohorts", WON, [chosen, SHOWN_COHORTS])
    return Won(state, chosen, names, rows)


def chosen_of(currency: str, currencies: Sequence[str]) -> str:
    """Give the currency that was asked for, or that of most customers."""
    if currency in currencies:
        return currency
    return currencies[0] if currencies else ""


def by_size(months: Sequence[Row]) -> list[str]:
    """Name the currencies, that of most customers first."""
    last = {row["currency"]: row["customers_opening"] for row in months}
    return sorted(last, key=lambda currency: (-last[currency], currency))


def _rows(state: Published, name: str, sql: str, asked: Sequence[object]) -> list[Row]:
    """Read rows of a published table by its files; an empty one has none."""
    files = state.files(name)
    if not files:
        return []
    with Engine(threads=2) as engine:
        engine.register_parquet(name, files)
        found: list[Row] = engine.query(sql, asked).to_pylist()
        return found
