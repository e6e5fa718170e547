"""Public data sets for tests, read where they lie: never copied into the project.

Set `KIZUNA_DATA` to the folder that holds `cdnow/`, `online_retail/`, …; without it the folder
`../shared/data` beside the checkout is taken. Where there is none, the test is skipped.

    from data_sets import cdnow_sample, cdnow_sample_histories, data_file, requires_data
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from kizuna.clv.data import Purchases, Spend

type DayLike = NDArray[np.datetime64] | np.datetime64

DATA = Path(
    os.environ.get("KIZUNA_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
)
WHY = f"no public data sets in {DATA}: to enable, KIZUNA_DATA=<folder with cdnow/> make test"

requires_data = pytest.mark.skipif(not DATA.is_dir(), reason=WHY)

CALIBRATION_END = date(1997, 9, 30)
"""Last day of the first 39 weeks of CDNOW, as in the papers."""


def data_file(name: str) -> Path:
    """Path of a data set, e.g. `cdnow/cdnow_sample.parquet`; skips the test where there is none."""
    if not DATA.is_dir():
        pytest.skip(WHY)
    return DATA / name


@cache
def cdnow_sample() -> pa.Table:
    """Orders of 2,357 customers: master_id, sample_id, date, number_of_cds, dollar_value."""
    return pq.read_table(data_file("cdnow/cdnow_sample.parquet"))


@cache
def cdnow_master() -> pa.Table:
    """Orders of 23,570 customers: customer_id, date, number_of_cds, dollar_value."""
    return pq.read_table(data_file("cdnow/cdnow_master.parquet"))


@cache
def online_retail() -> pa.Table:
    """Invoice lines: InvoiceNo, StockCode, …, Quantity, InvoiceDate, UnitPrice, CustomerID."""
    return pq.read_table(data_file("online_retail/online_retail.parquet"))


@dataclass(frozen=True, slots=True)
class Histories:
    """CDNOW cut in two at `CALIBRATION_END`, one row a customer, ordered by id; T in weeks."""

    customer_id: NDArray[np.int64]
    purchases: Purchases
    spend: Spend
    holdout_purchases: NDArray[np.float64]
    holdout_spend: NDArray[np.float64]
    holdout_weeks: float


@cache
def cdnow_sample_histories(end: date = CALIBRATION_END) -> Histories:
    """Histories of the 1/10 sample up to `end`, and what followed; days merged, in weeks."""
    return _histories(cdnow_sample(), "sample_id", end)


@cache
def cdnow_master_histories(end: date = CALIBRATION_END) -> Histories:
    """Histories of the full cohort up to `end`, and what followed; days merged, in weeks."""
    return _histories(cdnow_master(), "customer_id", end)


def _histories(orders: pa.Table, id_column: str, end: date) -> Histories:
    who, day, amount = _customer_days(orders, id_column)
    ids, first, row = np.unique(who, return_index=True, return_inverse=True)
    before = day <= np.datetime64(end)
    repeat = before & (day > day[first][row])
    count = np.bincount(row[repeat], minlength=len(ids)).astype(np.float64)
    last = day[first].copy()
    np.maximum.at(last, row[before], day[before])
    total = np.bincount(row[repeat], weights=amount[repeat], minlength=len(ids))
    after = ~before
    return Histories(
        ids,
        Purchases(count, _weeks(day[first], last), _weeks(day[first], np.datetime64(end))),
        Spend(count, np.divide(total, count, out=np.zeros(len(ids)), where=count > 0)),
        np.bincount(row[after], minlength=len(ids)).astype(np.float64),
        np.bincount(row[after], weights=amount[after], minlength=len(ids)),
        float(_weeks(np.datetime64(end), day.max())),
    )


def _customer_days(
    orders: pa.Table, id_column: str
) -> tuple[NDArray[np.int64], NDArray[np.datetime64], NDArray[np.float64]]:
    """Merge the orders of one customer on one day; sorted by customer, then day."""
    who = orders[id_column].to_numpy().astype(np.int64)
    day = orders["date"].to_numpy().astype("datetime64[D]")
    key, first, row = np.unique(
        who * 10**6 + day.astype(np.int64), return_index=True, return_inverse=True
    )
    total = np.bincount(row, weights=orders["dollar_value"].to_numpy(), minlength=len(key))
    return who[first], day[first], total


def _weeks(start: DayLike, end: DayLike) -> NDArray[np.float64]:
    return np.asarray((end - start) / np.timedelta64(7, "D"), dtype=np.float64)


@cache
def hillstrom() -> pa.Table:
    """64,000 customers of an e-mail test: history, …, segment (the arm), visit, …, spend."""
    return pq.read_table(data_file("hillstrom/hillstrom.parquet"))
