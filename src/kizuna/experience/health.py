"""Health: the probability of staying, 0 to 100, and what each group of facts gives or takes.

High is healthy. Health is 100 × (1 − probability of leaving within the horizon); the usual health
is that of a customer who is average in everything. The distance between the two is shared out among
the groups along the straight way from the usual customer to this one (integrated gradients,
Sundararajan et al. 2017): since the log-odds are a sum, a group's points are to the whole as its
log-odds are to theirs. So points add up exactly, and a group without data gives what "not known"
has meant for others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from kizuna.experience.calibration import FloatArray

BANDS = ("critical", "watch", "healthy")
LIMITS = (50.0, 75.0)
"""Health from which a customer is to be watched, and from which healthy; editable."""


@dataclass(frozen=True, slots=True, eq=False)
class Health:
    """Health of each customer.

    Attributes
    ----------
    health : 0 to 100, high is healthy, shape (rows,).
    usual : health of the average customer, to which points are added.
    points : what each group gives or takes, shape (rows, groups); usual + points = health.

    """

    health: FloatArray
    usual: float
    points: FloatArray


def health(effects: FloatArray, usual: float, groups: NDArray[np.intp], count: int) -> Health:
    """Share out health among groups.

    Parameters
    ----------
    effects : what each fact adds to the log-odds of leaving, shape (rows, facts).
    usual : log-odds of leaving of the average customer.
    groups : the group of each fact, shape (facts,).
    count : how many groups there are.

    """
    by_group = np.zeros((len(effects), count), order="F")
    for k in np.flatnonzero(effects.any(axis=0)):  # of many facts nobody has any
        by_group[:, groups[k]] += effects[:, k]
    moved = by_group.sum(axis=1)
    score = 100.0 * expit(-(usual + moved))
    middle = float(100.0 * expit(-usual))
    return Health(score, middle, by_group * _slope(score - middle, moved, usual)[:, None])


def _slope(gained: FloatArray, moved: FloatArray, usual: float) -> FloatArray:
    """Points of health per unit of log-odds, along the way; at no distance, the derivative."""
    at = -100.0 * expit(usual) * expit(-usual)
    near = np.abs(moved) < 1e-9
    return np.where(near, at, gained / np.where(near, 1.0, moved))


def bands(score: FloatArray, limits: tuple[float, ...] = LIMITS) -> NDArray[np.intp]:
    """Number of the band of each score, 0 the worst; -1 where the score is not known."""
    band = np.searchsorted(np.asarray(limits), score, side="right").astype(np.intp)
    return np.where(np.isfinite(score), band, -1)
