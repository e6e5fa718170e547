"""What the contracts of a day bring in the months after it: bound, expected, and what then came."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.experience.book import Chance, Group, committed, expected, simulated
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

MONTHS = 12
BOUNDS = (0.05, 0.95)

type Row = dict[str, Any]
type Key = tuple[str, date]


def revenue_forecasts(
    book_actuals: pa.Table, contract_book: pa.Table, contract_survival: pa.Table, *, run: Run
) -> pa.Table:
    """Forecast each day's book of contracts from what was known on that day."""
    came = {(r["currency"], r["made_on"], r["month"]): r["mrr"] for r in book_actuals.to_pylist()}
    seen = _by_day(contract_survival)
    rows: list[Row] = []
    for number, (key, book) in enumerate(sorted(_by_day(contract_book).items())):
        groups = groups_of(book, seen.get(key, []))
        rng = np.random.default_rng([run.seed, number])
        for row in _told(groups, rng):
            month = _after(key[1], row["months_ahead"])
            named = {"currency": key[0], "made_on": key[1], "month": month}
            rows.append(named | row | {"actual": came.get((*key, month))})
    return pa.Table.from_pylist(rows, schema=arrow_schema("revenue_forecasts"))


def groups_of(book: list[Row], seen: list[Row]) -> list[Group] | None:
    """Give the groups with their chances; None where no end of a term was ever seen."""
    chances = chances_of(seen)
    groups = []
    for row in book:
        chance = None if row["ending"] else chances.get(row["term_months"], chances.get(-1))
        if not row["ending"] and row["term_months"] == 0:
            chance = chances.get(0)
        if chance is None and not row["ending"]:
            return None
        step = max(row["term_months"], 1)
        groups.append(Group(row["mrr"], row["mrr_squares"], step, row["months_left"], chance))
    return groups


def chances_of(seen: list[Row]) -> dict[int, Chance]:
    """Give the chance of each length of terms; under -1 that of a length never seen."""
    bound = [row for row in seen if row["term_months"] > 0]
    found: dict[int, Chance] = {}
    due, kept = sum(row["due"] for row in bound), sum(row["kept"] for row in bound)
    if due:
        found = {r["term_months"]: Chance.of(r["due"], r["kept"], kept / due) for r in bound}
        found[-1] = Chance.of(0, 0, kept / due)
    for row in seen:
        if row["term_months"] == 0 and row["due"]:
            found[0] = Chance.of(row["due"], row["kept"], row["kept"] / row["due"])
    return found


def _told(groups: list[Group] | None, rng: np.random.Generator) -> list[Row]:
    if groups is None:
        return []
    bound, mean = committed(groups, MONTHS), expected(groups, MONTHS)
    low, high = np.quantile(simulated(groups, MONTHS, rng), BOUNDS, axis=0)
    return [
        {
            "months_ahead": h + 1,
            "committed": round(float(bound[h])),
            "expected": float(mean[h]),
            "expected_low": float(low[h]),
            "expected_high": float(high[h]),
        }
        for h in range(MONTHS)
    ]


def _by_day(table: pa.Table) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        found[row["currency"], row["made_on"]].append(row)
    return found


def _after(day: date, months: int) -> date:
    """Give the first day of a month that is some months later."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
