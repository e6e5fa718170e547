"""All actions together: which claims stand, and do they sum to what all of it earned?

Of many actions the best looking are partly lucky. So (1) claims are held to a false-discovery rate
(Benjamini and Hochberg 1995); (2) each is drawn toward the mean of its kind, more the less sure it
is; (3) their sum is held
against the global control, which nothing reached: the sum of winners exceeds the whole (Lee and
Shen 2018).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kizuna.experiments.effect import Effect
from kizuna.experiments.interval import LEVEL, FloatArray, Interval

FALSE_DISCOVERIES = 0.10
SPREADS = 60


def adjusted_p(p: ArrayLike) -> FloatArray:
    """Smallest false-discovery rate at which each claim would stand, shape (claims,)."""
    raw = np.asarray(p, np.float64)
    if not ((raw >= 0) & (raw <= 1)).all():
        raise ValueError("p must lie between 0 and 1")
    order = np.argsort(-raw, kind="stable")
    rank = np.arange(len(raw), 0, -1)
    adjusted = np.empty(len(raw))
    adjusted[order] = np.minimum.accumulate(raw[order] * len(raw) / rank)
    return np.minimum(adjusted, 1.0)


def discoveries(p: ArrayLike, rate: float = FALSE_DISCOVERIES) -> NDArray[np.bool_]:
    """Tell which claims stand when at most `rate` of those that stand may be false."""
    return np.asarray(adjusted_p(p) <= rate)


@dataclass(frozen=True, slots=True, eq=False)
class Shrunk:
    """Effects of actions of one kind, drawn toward their mean.

    Attributes
    ----------
    effects, errors : after drawing, shape (actions,).
    mean, mean_error : of the kind.
    spread : standard deviation between true effects of the kind.

    """

    effects: FloatArray
    errors: FloatArray
    mean: float
    mean_error: float
    spread: float


def shrunk(effects: ArrayLike, errors: ArrayLike) -> Shrunk:
    """Draw effects toward their mean: the more, the less they differ beyond what chance makes.

    How much true effects of a kind differ is not known either: every spread is tried, and weighed
    by how likely it makes what was seen (hierarchical normal model; Gelman et al. 2013, 5.4).
    """
    seen, error = np.asarray(effects, np.float64), np.asarray(errors, np.float64)
    if len(seen) == 0 or not (error > 0).all():
        raise ValueError("at least one effect is needed, each with an error above 0")
    spreads = np.linspace(0.0, 3.0 * (float(seen.std()) + float(error.mean())), SPREADS)[:, None]
    precision = 1.0 / (error**2 + spreads**2)
    total = precision.sum(axis=1, keepdims=True)
    middle = (precision * seen).sum(axis=1, keepdims=True) / total
    fit = (np.log(precision) - precision * (seen - middle) ** 2).sum(axis=1) - np.log(total[:, 0])
    likely = np.exp((fit - fit.max()) / 2.0)
    likely /= likely.sum()
    keep = spreads**2 * precision
    own = keep * seen + (1.0 - keep) * middle
    own_mean, own_error = _mixed(likely, own, keep * error**2 + (1.0 - keep) ** 2 / total)
    mean, mean_error = _mixed(likely, middle, 1.0 / total)
    spread = float(likely @ spreads[:, 0])
    return Shrunk(own_mean, own_error, float(mean[0]), float(mean_error[0]), spread)


def _mixed(
    likely: FloatArray, means: FloatArray, variances: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of a mixture."""
    mean = likely @ means
    error: FloatArray = np.sqrt(likely @ (variances + (means - mean) ** 2))
    return mean, error


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The sum of what actions claim, against what all of them together earned.

    Attributes
    ----------
    claimed : sum of the claims.
    whole : of the customers reached, against the global control.
    excess : claimed less whole; surely above 0 where `overclaimed`.

    """

    claimed: Interval
    whole: Interval
    excess: Interval

    @property
    def overclaimed(self) -> bool:
        """Tell whether the claims surely sum to more than the whole."""
        return self.excess.low > 0


def reconciled(claims: Sequence[Effect], whole: Effect, level: float = LEVEL) -> Reconciled:
    """Hold claims, per treated unit, against the programme's effect, per unit not left alone.

    Errors of claims are taken as independent, which holds for holdouts drawn by salts of their own.
    """
    sums = sum(claim.difference * claim.treated for claim in claims)
    error = math.hypot(*(claim.error * claim.treated for claim in claims))
    total, total_error = whole.difference * whole.treated, whole.error * whole.treated
    return Reconciled(
        Interval.around(sums, error, level),
        Interval.around(total, total_error, level),
        Interval.around(sums - total, math.hypot(error, total_error), level),
    )
