"""Recurring revenue as it is published: months, movements, what comes due, one customer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kizuna.pipeline.contract_tables import MOVEMENTS
from kizuna.pipeline.engine import Engine
from kizuna.web.know.customers.naming import named
from kizuna.web.know.publications.queries import Published, published

type Row = dict[str, Any]

DUE_SHOWN = 20
OVER_SHOWN = 20
SHOWN_MONTHS = 24

DUE = """
SELECT * FROM contract_terms WHERE business_days_left <= 65 AND notice_by >= $3 AND currency = $1
ORDER BY notice_by, contract_id LIMIT $2"""

OVER = """
SELECT * FROM entitlements WHERE use > 1 ORDER BY used - seats DESC, customer_id LIMIT $1"""

OF_CUSTOMER = "SELECT * FROM contract_terms WHERE customer_id = $1 ORDER BY contract_id LIMIT 50"
USE_OF = "SELECT * FROM entitlements WHERE customer_id = $1"


@dataclass(frozen=True, slots=True)
class Revenue:
    """Recurring revenue in one currency; `months` in their order, `year` that of the last."""

    state: Published
    currency: str
    currencies: Sequence[str]
    months: Sequence[Row]
    year: Row | None
    due: Sequence[Row]
    over: Sequence[Row]

    @property
    def last(self) -> Row:
        """The month that the data goes up to."""
        return self.months[-1]


@dataclass(frozen=True, slots=True)
class OfCustomer:
    """The running contracts of one customer, and how much of them is used."""

    contracts: Sequence[Row]
    use: Row | None


def revenue(currency: str) -> Revenue | None:
    """Give recurring revenue in a currency, or in that of most; None where there is none."""
    state = published()
    if state is None or not state.has("mrr_bridge"):
        return None
    bridge = state.table("mrr_bridge").sort_by("month").to_pylist()
    currencies = _by_size(bridge)
    if not currencies:
        return None
    chosen = currency if currency in currencies else currencies[0]
    months = [row for row in bridge if row["currency"] == chosen]
    years = [r for r in state.table("mrr_retention").to_pylist() if r["currency"] == chosen]
    year = next((row for row in years if row["month"] == months[-1]["month"]), None)
    due = _rows(state, "contract_terms", DUE, [chosen, DUE_SHOWN, months[-1]["until_on"]])
    over = _rows(state, "entitlements", OVER, [OVER_SHOWN])
    return Revenue(state, chosen, currencies, months, year, named(due), named(over))


def of_customer(state: Published, customer_id: str) -> OfCustomer | None:
    """Give what runs for one customer; None where nothing does."""
    if not (state.has("contract_terms") and state.has("entitlements")):
        return None
    contracts = _rows(state, "contract_terms", OF_CUSTOMER, [customer_id])
    use = _rows(state, "entitlements", USE_OF, [customer_id]) if contracts else []
    return OfCustomer(contracts, use[0] if use else None) if contracts else None


def moved(row: Row) -> int:
    """Sum what moved recurring revenue in a month."""
    return sum(row[kind] for kind in MOVEMENTS)


def _by_size(bridge: Sequence[Row]) -> list[str]:
    """Name the currencies, that of most customers first."""
    last = {row["currency"]: row["customers_closing"] for row in bridge}
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
