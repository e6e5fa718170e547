"""Of what a forecast of recurring revenue is made: contracts bound alike, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from kizuna.experience.book import Group
from kizuna.pipeline.know.revenue_forecasts import MONTHS, after, by_day, groups_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

KEPT = ("currency", "made_on", "term_months", "months_left", "ending", "contracts", "mrr")

type Row = dict[str, Any]


def forecast_parts(contract_book: pa.Table, contract_survival: pa.Table, *, run: Run) -> pa.Table:
    """Take each forecast apart: the sums of a day and month are those of `revenue_forecasts`."""
    seen = by_day(contract_survival)
    rows = [
        row
        for key, book in sorted(by_day(contract_book).items())
        for part, group in zip(book, groups_of(book, seen.get(key, [])) or (), strict=False)
        for row in _months(part, group)
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("forecast_parts"))


def _months(part: Row, group: Group) -> Iterator[Row]:
    """Give what contracts that are bound alike bring in each month ahead."""
    told = {name: part[name] for name in KEPT}
    for ahead in range(1, MONTHS + 1):
        share = group.share(ahead)
        yield told | {
            "month": after(part["made_on"], ahead),
            "share": share,
            "committed": part["mrr"] if group.renewals(ahead) == 0 else 0,
            "expected": part["mrr"] * share,
        }
