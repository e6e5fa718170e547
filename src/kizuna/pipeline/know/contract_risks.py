"""What running contracts are worth over a year: what is expected to be lost, and the tail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.experience.book import simulated
from kizuna.pipeline.know.revenue_forecasts import MONTHS, groups_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

TAIL = 0.05

type Row = dict[str, Any]


def contract_risks(contract_book: pa.Table, contract_survival: pa.Table, *, run: Run) -> pa.Table:
    """Tell both definitions of value at risk for the contracts that run now, by currency."""
    book = [row for row in contract_book.to_pylist() if row["made_on"] == run.as_of]
    seen = [row for row in contract_survival.to_pylist() if row["made_on"] == run.as_of]
    rows = [
        _row(
            currency,
            [row for row in book if row["currency"] == currency],
            [row for row in seen if row["currency"] == currency],
            run,
        )
        for currency in sorted({row["currency"] for row in book})
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("contract_risks"))


def _row(currency: str, book: list[Row], seen: list[Row], run: Run) -> Row:
    value = sum(row["mrr"] for row in book) * MONTHS * run.margin
    row = {
        "currency": currency,
        "contracts": sum(row["contracts"] for row in book),
        "value": value,
        "expected_value": None,
        "expected_loss": None,
        "tail_value": None,
        "tail_loss": None,
    }
    groups = groups_of(book, seen)
    if groups is None:
        return row
    year = simulated(groups, MONTHS, np.random.default_rng(run.seed)).sum(axis=1) * run.margin
    mean = sum(g.mrr * g.share(h) for g in groups for h in range(1, MONTHS + 1)) * run.margin
    low = float(np.quantile(year, TAIL))
    return row | {
        "expected_value": mean,
        "expected_loss": value - mean,
        "tail_value": low,
        "tail_loss": mean - low,
    }
