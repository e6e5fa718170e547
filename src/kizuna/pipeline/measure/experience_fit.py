"""The regression of later margin on a score: what goes with a point, all else known held alike.

Within each month, with covariates; errors by customer, because months of one customer are alike
(Cameron and Miller 2015, CR1). It is an association: whatever is not known here and moves both the
score and the margin is in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from kizuna.experiments.interval import FloatArray, Interval

type Numbers = np.ndarray[tuple[int], np.dtype[np.intp]]

LEAST: Final = 200
"""Customers whose score is known; fewer tell nothing."""
FACTS: Final = ("past_90d", "past_365d", "orders_365d", "days_since_purchase", "tenure_days", "mrr")


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A score against the margin that followed.

    Attributes
    ----------
    score, margin : row by row.
    adjusted : margin, were all that is known but the score as in the mean.
    customer : the number of the row's customer.
    per_point : margin for one point more.
    unadjusted : the same with nothing but the month looked at.

    """

    score: FloatArray
    margin: FloatArray
    adjusted: FloatArray
    customer: Numbers
    per_point: Interval
    unadjusted: float

    @property
    def customers(self) -> int:
        """Customers among the rows."""
        return int(self.customer.max(initial=-1)) + 1


def rows_of(points: pa.Table, score: str, horizon: int) -> pa.Table:
    """Keep the rows of which both the score and the margin are known, in one order."""
    known = pa.compute.and_(
        pa.compute.is_valid(points[score]), pa.compute.is_valid(points[f"after_{horizon}d"])
    )
    return points.filter(known).sort_by([("customer_id", "ascending"), ("day", "ascending")])


def fit(rows: pa.Table, score: str, horizon: int) -> Fit | None:
    """Fit one; None with too few customers, or where the score is the same everywhere."""
    customer = numbered(rows["customer_id"])
    if customer.max(initial=-1) + 1 < LEAST:
        return None
    s, y = numbers(rows, score), numbers(rows, f"after_{horizon}d")
    month = numbered(rows["day"])
    s_in, y_in, z_in = (_within(a, month) for a in (s, y, _covariates(rows)))
    left = _left(s_in, z_in)
    square = float(left @ left)
    if square <= 1e-9 * max(float(s @ s), 1.0):
        return None
    slope = float(left @ y_in) / square
    gamma = np.linalg.lstsq(z_in, y_in - slope * s_in, rcond=None)[0]
    error = _error(left, y_in - slope * s_in - z_in @ gamma, customer, square)
    adjusted = slope * (s_in + s.mean()) + (y_in - slope * s_in - z_in @ gamma) + y.mean()
    adjusted -= slope * s.mean()
    bare = float(s_in @ y_in) / float(s_in @ s_in)
    freedom = float(customer.max())
    per_point = Interval.around(slope, error, freedom=freedom)
    return Fit(s, y, adjusted, customer, per_point, bare)


def numbers(rows: pa.Table, name: str) -> FloatArray:
    """Give a column as numbers; what is not known is NaN."""
    column = rows[name].combine_chunks().cast(pa.float64())
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _covariates(rows: pa.Table) -> FloatArray:
    """Give what was known, each in its own spread; what is not known is 0 and marked."""
    found: list[FloatArray] = []
    for name in FACTS:
        column = numbers(rows, name)
        unknown = np.isnan(column)
        column = np.where(unknown, 0.0, column)
        found += [column, np.sign(column) * np.log1p(np.abs(column)), unknown.astype(np.float64)]
    z = np.column_stack(found)
    spread = z.std(axis=0)
    return z[:, spread > 0] / spread[spread > 0]


def _within(values: FloatArray, month: Numbers) -> FloatArray:
    """Take the mean of each month away."""
    flat = values.reshape(len(values), -1)
    sums = np.zeros((int(month.max()) + 1, flat.shape[1]))
    np.add.at(sums, month, flat)
    means = sums / np.bincount(month)[:, None]
    return (flat - means[month]).reshape(values.shape)


def _left(s: FloatArray, z: FloatArray) -> FloatArray:
    """What the covariates leave of the score."""
    return s - z @ np.linalg.lstsq(z, s, rcond=None)[0] if z.shape[1] else s


def _error(
    left: FloatArray,
    residual: FloatArray,
    customer: Numbers,
    square: float,
) -> float:
    """Give the standard error, customers taken as the units (CR1)."""
    groups = int(customer.max()) + 1
    sums = np.bincount(customer, left * residual, groups)
    return math.sqrt(groups / (groups - 1) * float(sums @ sums)) / square


def numbered(column: pa.ChunkedArray) -> Numbers:
    """Number equal values alike, from 0 on."""
    codes = column.combine_chunks().dictionary_encode().indices
    return np.asarray(codes.to_numpy(zero_copy_only=False), np.intp)
