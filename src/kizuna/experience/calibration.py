"""How good probabilities are, once it is known what happened.

Two things are asked of a probability. It must *rank*: those who left had a higher one (AUC). And it
must be *true*: of all who were given 20 %, a fifth left (slope, intercept, expected calibration
error). A forecast can be perfect in the one and useless in the other, so both are always told,
beside the score of a forecast that gives everybody the same probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, ndtri

type FloatArray = NDArray[np.float64]

BINS = 10
SMALLEST = 1e-6
"""Probabilities are kept this far from 0 and 1 before their log-odds are taken."""
ITERATIONS = 50
LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts of about the same probability, and what came of them."""

    rows: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How forecasts did.

    Attributes
    ----------
    rows, events : forecasts, and those of them where it happened.
    auc, auc_error : chance that one to whom it happened was ranked above one to whom it did not,
        and its standard error; 0.5 is no better than chance.
    brier, brier_of_rate : mean squared error, and that of the same probability for everybody.
    slope, intercept : of the log-odds; 1 and 0 are perfect, a slope below 1 is overconfident.
    ece : mean distance between what was predicted and what was observed, over equal bins.

    """

    rows: int
    events: int
    auc: float
    auc_error: float
    brier: float
    brier_of_rate: float
    slope: float
    intercept: float
    ece: float

    @property
    def has_signal(self) -> bool:
        """Tell whether the forecasts rank better than chance, and err less than one rate."""
        surely = self.auc - float(ndtri(0.5 + LEVEL / 2)) * self.auc_error > 0.5
        return bool(surely and self.brier < self.brier_of_rate)


def calibration(probability: ArrayLike, happened: ArrayLike) -> Calibration:
    """Score forecasts; where it happened to all or none, what cannot be known is neutral."""
    p, y = _flat(probability, happened)
    rate = float(y.mean())
    area, error = auc(p, y)
    slope, intercept = recalibration(p, y)
    squares = float(((p - y) ** 2).mean()), rate * (1.0 - rate)
    return Calibration(
        len(y), round(float(y.sum())), area, error, *squares, slope, intercept, ece(p, y)
    )


def auc(probability: ArrayLike, happened: ArrayLike) -> tuple[float, float]:
    """Area under the ROC curve and its standard error (Hanley and McNeil 1982); ties count half."""
    p, y = _flat(probability, happened)
    yes, no = float(y.sum()), float(len(y) - y.sum())
    if yes == 0 or no == 0:
        return 0.5, 0.5
    area = float((_mean_ranks(p)[y > 0].sum() - yes * (yes + 1) / 2) / (yes * no))
    return area, _auc_error(area, yes, no)


def _mean_ranks(values: FloatArray) -> FloatArray:
    """Give ranks from 1; equal values share their mean."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: FloatArray = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks


def _auc_error(area: float, yes: float, no: float) -> float:
    among_yes = area / (2 - area) - area**2
    among_no = 2 * area**2 / (1 + area) - area**2
    own = area * (1 - area)
    variance = (own + (yes - 1) * among_yes + (no - 1) * among_no) / (yes * no)
    return float(np.sqrt(max(variance, 0.0)))


def recalibration(probability: ArrayLike, happened: ArrayLike) -> tuple[float, float]:
    """Slope and intercept by which log-odds must be bent to fit what happened (Cox 1958).

    The slope is 1 where every forecast is the same; nothing can be said of it then.
    """
    p, y = _flat(probability, happened)
    if y.min() == y.max():
        return 1.0, 0.0
    x = log_odds(p)
    if np.ptp(x) < 1e-9:
        return 1.0, float(logit(y.mean()) - x[0])
    design = np.stack([x, np.ones(len(x))], axis=1)
    slope, intercept = _logistic(design, y)
    return float(slope), float(intercept)


def _logistic(design: FloatArray, y: FloatArray) -> FloatArray:
    """Logistic regression by damped Newton steps; a trace of a ridge keeps parted data finite."""
    ridge = 1e-6 * np.eye(design.shape[1])
    beta, here = np.zeros(2), -np.inf
    for _ in range(ITERATIONS):
        p = expit(design @ beta)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + ridge
        step = np.linalg.solve(curvature, design.T @ (y - p) - ridge @ beta)
        while (there := _likelihood(design, y, beta + step)) < here and np.abs(step).max() > 1e-9:
            step /= 2
        beta, gain, here = beta + step, there - here, there
        if gain < 1e-9:
            break
    return beta


def _likelihood(design: FloatArray, y: FloatArray, beta: FloatArray) -> float:
    eta = design @ beta
    return float(y @ eta - np.logaddexp(0.0, eta).sum() - 5e-7 * beta @ beta)


def reliability(probability: ArrayLike, happened: ArrayLike, bins: int = BINS) -> tuple[Bin, ...]:
    """Part forecasts into bins of as many rows each; forecasts that are equal stay together."""
    p, y = _flat(probability, happened)
    place = _places(p, bins)
    return tuple(_bin(p[place == b], y[place == b]) for b in np.unique(place))


def _places(p: FloatArray, bins: int) -> NDArray[np.intp]:
    """Number the bin of each forecast, from 0."""
    return np.minimum((_mean_ranks(p) - 0.5) / len(p) * bins, bins - 1).astype(np.intp)


def _bin(p: FloatArray, y: FloatArray) -> Bin:
    low, high = share_interval(float(y.sum()), len(y))
    return Bin(len(y), float(p.mean()), float(y.mean()), low, high)


def share_interval(events: float, rows: float, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's interval of a share; (0, 1) where there are no rows."""
    if rows <= 0:
        return 0.0, 1.0
    z = float(ndtri(0.5 + level / 2))
    share = events / rows
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * np.sqrt(share * (1 - share) / rows + (z / (2 * rows)) ** 2)
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def ece(probability: ArrayLike, happened: ArrayLike, bins: int = BINS) -> float:
    """Give the expected calibration error: the mean of |predicted − observed| over the bins."""
    found = reliability(probability, happened, bins)
    rows = sum(b.rows for b in found)
    return sum(b.rows * abs(b.predicted - b.observed) for b in found) / rows


def excess_error(
    probability: ArrayLike,
    happened: ArrayLike,
    bins: int = BINS,
    groups: NDArray[np.integer[Any]] | None = None,
) -> float:
    """Root mean square, in log-odds, by which the bins are off beyond what chance explains.

    It is what a probability of the next period must be widened by: the error that the model made
    last time, whatever its cause. Rows of the same group came out alike, and are chance but once.
    """
    p, y = _flat(probability, happened)
    whose = np.arange(len(p)) if groups is None else groups
    place = _places(p, bins)
    parts = np.array([_off(p[place == b], y[place == b], whose[place == b]) for b in range(bins)])
    return float(np.sqrt(max(float(parts.sum()) / len(p), 0.0)))


def _off(p: FloatArray, y: FloatArray, groups: NDArray[np.integer[Any]]) -> float:
    """Squared distance of a bin less what chance explains, times its rows."""
    rows = len(p)
    if not rows:
        return 0.0
    expected = min(max(float(p.mean()), SMALLEST), 1 - SMALLEST)
    distance = float(logit((y.sum() + 0.5) / (rows + 1.0)) - logit(expected))
    alike = float((np.unique(groups, return_counts=True)[1] ** 2).sum()) / rows
    chance = alike / ((rows + 1.0) * max(expected * (1 - expected), 1e-4))
    return rows * (distance**2 - chance)


def precision_at(probability: ArrayLike, happened: ArrayLike, k: int) -> float:
    """Share of the k highest forecasts where it happened; ties count by their share."""
    p, y = _flat(probability, happened)
    k = min(max(k, 1), len(p))
    edge = np.sort(p)[-k]
    above, at = p > edge, p == edge
    taken = k - int(above.sum())
    return float((y[above].sum() + taken * y[at].mean()) / k)


def log_loss(probability: ArrayLike, happened: ArrayLike) -> FloatArray:
    """Minus the log-probability given to what happened, for each row; proper, smaller is better."""
    p, y = _flat(probability, happened)
    p = np.clip(p, SMALLEST, 1 - SMALLEST)
    loss: FloatArray = -(y * np.log(p) + (1 - y) * np.log1p(-p))
    return loss


def log_odds(probability: ArrayLike) -> FloatArray:
    """Log-odds, finite for 0 and 1 too."""
    p = np.asarray(probability, np.float64)
    odds: FloatArray = logit(np.clip(p, SMALLEST, 1 - SMALLEST))
    return odds


def _flat(probability: ArrayLike, happened: ArrayLike) -> tuple[FloatArray, FloatArray]:
    y = np.atleast_1d(np.asarray(happened, np.float64))
    p = np.asarray(np.broadcast_to(np.asarray(probability, np.float64), y.shape))
    if y.ndim != 1 or not y.size:
        raise ValueError(f"forecasts must be flat and not empty; got {y.shape}")
    if not (np.isfinite(p).all() and ((p >= 0) & (p <= 1)).all()):
        raise ValueError("forecasts must be probabilities between 0 and 1")
    if not np.isin(y, (0.0, 1.0)).all():
        raise ValueError("what happened must be 0 or 1")
    return p, y
