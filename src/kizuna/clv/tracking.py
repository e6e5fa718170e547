"""Tracking: repeat purchases expected day by day from acquisitions alone, beside those that came.

The classical plot of the field: a model that fits follows the curve before the cut-off, and a model
that forecasts goes on following it after. Unlike conditional forecasts it uses no one's history,
only how many customers were acquired when.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kizuna.clv.data import FloatArray
from kizuna.clv.paced import Paced
from kizuna.clv.protocols import PurchaseModel

DAYS_PER_WEEK = 7


@dataclass(frozen=True, slots=True, eq=False)
class Tracking:
    """Repeat purchases per week, shapes (weeks,); the last week may be short.

    Attributes
    ----------
    day : first day of the week, counted from the first day of the log.
    holdout : whether the week begins after the cut-off.

    """

    day: NDArray[np.intp]
    actual: FloatArray
    predicted: FloatArray
    holdout: NDArray[np.bool_]

    @property
    def cumulative_actual(self) -> FloatArray:
        return np.cumsum(self.actual)

    @property
    def cumulative_predicted(self) -> FloatArray:
        return np.cumsum(self.predicted)


def expected_by_day(
    model: PurchaseModel | Paced[PurchaseModel],
    acquired: ArrayLike,
    days: int,
    *,
    days_per_period: float = 1.0,
) -> FloatArray:
    """Repeat purchases expected on each of the first `days` days, shape (days,).

    Parameters
    ----------
    model : fitted in periods of `days_per_period` days.
    acquired : new customers per day from day 0, shape (≤ days,); none later.
    days : days to cover.

    """
    new = np.zeros(days)
    given = np.asarray(acquired, np.float64)[:days]
    new[: len(given)] = given
    age = np.arange(days + 1) / days_per_period
    daily = np.diff(model.expected_purchases_new(age))
    expected: FloatArray = np.convolve(new, np.concatenate(([0.0], daily)))[:days]
    return expected


def track(
    model: PurchaseModel | Paced[PurchaseModel],
    acquired: ArrayLike,
    repeated: ArrayLike,
    *,
    holdout_day: int,
    days_per_period: float = 1.0,
) -> Tracking:
    """Compare week by week; weeks are cut so that one begins with the holdout.

    Parameters
    ----------
    acquired, repeated : new customers and repeat purchases per day from the first day of the log,
        shape (days,); customers acquired in the holdout are no one's forecast: leave them out of
        both.
    holdout_day : first day of the holdout, counted from day 0.

    """
    actual = np.asarray(repeated, np.float64)
    days = len(actual)
    expected = expected_by_day(model, acquired, days, days_per_period=days_per_period)
    offset = -holdout_day % DAYS_PER_WEEK
    week = (np.arange(days) + offset) // DAYS_PER_WEEK
    start = np.maximum(np.arange(week[-1] + 1) * DAYS_PER_WEEK - offset, 0)
    return Tracking(
        start,
        np.bincount(week, weights=actual),
        np.bincount(week, weights=expected),
        start >= holdout_day,
    )
