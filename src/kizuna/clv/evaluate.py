"""How good was a forecast: scores of predicted against realised numbers, customer by customer.

Every score takes arrays of shape (rows,) and an optional weight (customers behind each row), so
that patterns and customers give the same answer. Wherever customers are put in order, those with
equal predictions count as *one* group that holds the group's mean outcome: ranking scores and
tables then never depend on the order of rows, and a forecast that says the same for everyone
ranks nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kizuna.clv.data import FloatArray

FREQUENCY_LABELS = ("0", "1", "2", "3", "4", "5", "6", "7+")


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One group of customers: what was predicted for them and what happened, per customer."""

    label: str
    customers: float
    predicted: float
    actual: float


def rmse(predicted: ArrayLike, actual: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Root of the mean squared error per customer; smaller is better."""
    error, w = _error(predicted, actual, weight)
    return float(np.sqrt((w * error**2).sum() / w.sum()))


def mae(predicted: ArrayLike, actual: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Mean absolute error per customer; where most buy nothing, "predict zero" scores well."""
    error, w = _error(predicted, actual, weight)
    return float((w * np.abs(error)).sum() / w.sum())


def bias(predicted: ArrayLike, actual: ArrayLike, weight: ArrayLike | None = None) -> float | None:
    """Predicted total ÷ actual total − 1; None when nothing happened, so that no ratio exists."""
    p, a, w = _columns(predicted, actual, weight)
    total = float((w * a).sum())
    return float((w * p).sum()) / total - 1.0 if total > 0 else None


def correlation(
    predicted: ArrayLike, actual: ArrayLike, weight: ArrayLike | None = None
) -> float | None:
    """Pearson correlation; None when one side does not vary."""
    p, a, w = _columns(predicted, actual, weight)
    p, a = p - np.average(p, weights=w), a - np.average(a, weights=w)
    scale = np.sqrt((w * p * p).sum() * (w * a * a).sum())
    return float((w * p * a).sum() / scale) if scale > 0 else None


def calibration_slope(
    predicted: ArrayLike, actual: ArrayLike, weight: ArrayLike | None = None
) -> float | None:
    """Slope of actual on predicted: 1 is right, below 1 the forecast spreads customers too far."""
    p, a, w = _columns(predicted, actual, weight)
    p = p - np.average(p, weights=w)
    spread = float((w * p * p).sum())
    return float((w * p * a).sum()) / spread if spread > 0 else None


def normalised_gini(
    predicted: ArrayLike, actual: ArrayLike, weight: ArrayLike | None = None
) -> float | None:
    """How well the forecast ranks: 1 for the order of what happened, 0 for no order at all.

    Area between the diagonal and the concentration curve of `actual`, customers in the order of
    `predicted`, divided by the same area in the order of `actual` itself. None when every
    customer turned out equal.
    """
    p, a, w = _columns(predicted, actual, weight)
    best = _gini(a, a, w)
    return _gini(p, a, w) / best if best > 0 else None


def concentration(
    order: ArrayLike, value: ArrayLike, weight: ArrayLike | None = None
) -> tuple[FloatArray, FloatArray]:
    """Cumulative customers and cumulative `value`, lowest `order` first; both start at 0.

    Equal values of `order` make one step, so the curve is straight between them.
    """
    p, v, w = _columns(order, value, weight)
    _, group = np.unique(p, return_inverse=True)
    customers = np.bincount(group, weights=w)
    values = np.bincount(group, weights=w * v)
    return np.append(0.0, np.cumsum(customers)), np.append(0.0, np.cumsum(values))


def decile_table(
    predicted: ArrayLike, actual: ArrayLike, weight: ArrayLike | None = None, *, groups: int = 10
) -> list[CalibrationRow]:
    """Ten groups of equal size, 1 = lowest predicted; ties are shared out between groups evenly."""
    customers, cumulative_p = concentration(predicted, predicted, weight)
    _, cumulative_a = concentration(predicted, actual, weight)
    size = customers[-1] / groups
    edges = np.linspace(0.0, customers[-1], groups + 1)
    p = np.diff(np.interp(edges, customers, cumulative_p)) / size
    a = np.diff(np.interp(edges, customers, cumulative_a)) / size
    return [
        CalibrationRow(str(i + 1), float(size), float(p[i]), float(a[i])) for i in range(groups)
    ]


def frequency_table(
    frequency: ArrayLike, predicted: ArrayLike, actual: ArrayLike, weight: ArrayLike | None = None
) -> list[CalibrationRow]:
    """Means by purchases repeated before the holdout: 0, 1, …, 6, 7+; empty groups left out."""
    p, a, w = _columns(predicted, actual, weight)
    last = len(FREQUENCY_LABELS) - 1
    group = np.minimum(np.asarray(frequency, dtype=np.float64), last).astype(np.intp)
    customers, p, a = (np.bincount(group, weights=c, minlength=last + 1) for c in (w, w * p, w * a))
    return [
        CalibrationRow(label, float(n), float(p[i] / n), float(a[i] / n))
        for i, (label, n) in enumerate(zip(FREQUENCY_LABELS, customers, strict=True))
        if n > 0
    ]


def coverage(
    below: ArrayLike, up_to: ArrayLike, weight: ArrayLike | None = None, *, level: float = 0.9
) -> float:
    """Share of outcomes inside the central interval, of forecasts that are whole distributions.

    Parameters
    ----------
    below, up_to : P(X < actual) and P(X ≤ actual) by the forecast, shape (rows,).
    weight : customers behind each row.
    level : what a calibrated forecast reaches, e.g. 0.9.

    Notes
    -----
    Counts are discrete, so a 90 % interval of whole numbers covers more than 90 % even when the
    forecast is right. The *randomised* probability integral transform, uniform between `below`
    and `up_to`, has no such excess; this is its exact expectation, so no random number is drawn.

    """
    lower, upper, w = _columns(below, up_to, weight)
    low, high = (1.0 - level) / 2, (1.0 + level) / 2
    width = np.maximum(upper - lower, 1e-300)
    inside = np.clip(np.minimum(upper, high) - np.maximum(lower, low), 0.0, None) / width
    point = upper - lower < 1e-12
    inside[point] = (upper[point] >= low) & (upper[point] <= high)
    return float((w * inside).sum() / w.sum())


def log_score(probability: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Mean log probability that the forecast gave to what happened; larger is better, proper."""
    chance = np.maximum(np.asarray(probability, dtype=np.float64), 1e-300)
    w = np.ones(chance.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    return float((w * np.log(chance)).sum() / w.sum())


def _gini(order: FloatArray, value: FloatArray, weight: FloatArray) -> float:
    customers, values = concentration(order, value, weight)
    if values[-1] <= 0:
        return 0.0
    area = np.trapezoid(values / values[-1], customers / customers[-1])
    return float(1.0 - 2.0 * area)


def _error(
    predicted: ArrayLike, actual: ArrayLike, weight: ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    p, a, w = _columns(predicted, actual, weight)
    return p - a, w


def _columns(
    predicted: ArrayLike, actual: ArrayLike, weight: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Bring the three to flat float arrays of one length; a single number serves every row."""
    a = np.atleast_1d(np.asarray(actual, dtype=np.float64))
    p: NDArray[Any] = np.broadcast_to(np.asarray(predicted, dtype=np.float64), a.shape)
    w = np.ones(a.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if w.shape != a.shape or a.ndim != 1 or a.size == 0:
        raise ValueError(
            f"predicted, actual and weight must be flat, equally long and not empty; got "
            f"{p.shape}, {a.shape}, {w.shape}"
        )
    return p, a, w
