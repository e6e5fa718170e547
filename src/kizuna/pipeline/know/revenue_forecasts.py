"""What the contracts of a day bring in the months after it: bound, expected, and what then came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import numpy as np
import pyarrow as pa

from kizuna.experience.book import Chance, Group, committed, expected, simulated
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

MONTHS = 12
BOUNDS = (0.05, 0.95)
AHEAD = (1, 2, 3)
"""Months before the end of a term for which it is told apart whether notice was known."""

type Row = dict[str, Any]
type Key = tuple[str, date]


def revenue_forecasts(
    book_actuals: pa.Table, contract_book: pa.Table, contract_survival: pa.Table, *, run: Run
) -> pa.Table:
    """Forecast each day's book of contracts from what was known on that day."""
    came = {(r["currency"], r["made_on"], r["month"]): r["mrr"] for r in book_actuals.to_pylist()}
    seen = by_day(contract_survival)
    rows: list[Row] = []
    for number, (key, book) in enumerate(sorted(by_day(contract_book).items())):
        groups = groups_of(book, seen.get(key, []))
        rng = np.random.default_rng([run.seed, number])
        for row in _told(groups, rng):
            month = after(key[1], row["months_ahead"])
            named = {"currency": key[0], "made_on": key[1], "month": month}
            rows.append(named | row | {"actual": came.get((*key, month))})
    return pa.Table.from_pylist(rows, schema=arrow_schema("revenue_forecasts"))


def groups_of(book: list[Row], seen: list[Row]) -> list[Group] | None:
    """Give the groups with their chances; None where no end of a term was ever seen."""
    chances, groups = Chances.of(seen), []
    for row in book:
        term, left = row["term_months"], row["months_left"]
        chance = None if row["ending"] else chances.at(term, 0)
        if chance is None and not row["ending"]:
            return None
        first = () if chance is None else chances.first(term, left)
        groups.append(Group(row["mrr"], row["mrr_squares"], max(term, 1), left, chance, first))
    return groups


@dataclass(frozen=True, slots=True)
class Chances:
    """The chances by length of terms and months ahead; `pooled` those of a length never seen."""

    seen: Mapping[tuple[int, int], Chance]
    pooled: Mapping[int, Chance]

    @classmethod
    def of(cls, rows: list[Row]) -> Self:
        """Learn them; what is bound to no term (0 months) is of a kind of its own."""
        sums: dict[tuple[bool, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for row in rows:
            key = (row["term_months"] > 0, row["months_ahead"])
            sums[key] = (sums[key][0] + row["due"], sums[key][1] + row["kept"])
        found = {
            (row["term_months"], row["months_ahead"]): Chance.of(
                row["due"], row["kept"], *sums[row["term_months"] > 0, row["months_ahead"]]
            )
            for row in rows
        }
        bound = {ahead: Chance.of(0, 0, *total) for (term, ahead), total in sums.items() if term}
        return cls(found, bound)

    def at(self, term: int, ahead: int) -> Chance | None:
        """Give the chance that a term is renewed of whom no notice is known so long before."""
        return self.seen.get((term, ahead), self.pooled.get(ahead) if term else None)

    def first(self, term: int, left: int) -> tuple[Chance, ...]:
        """Give the chances of the first ends, in order, as far as they are told apart."""
        ahead = AHEAD if term == 0 else (max(left + 1, 1),)
        found: list[Chance] = []
        for months in ahead:
            chance = self.at(term, months) if months in AHEAD else None
            if chance is None:
                break
            found.append(chance)
        return tuple(found)


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


def by_day(table: pa.Table) -> dict[Key, list[Row]]:
    """Put the rows of a currency and day together."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        found[row["currency"], row["made_on"]].append(row)
    return found


def after(day: date, months: int) -> date:
    """Give the first day of a month that is some months later."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
