"""What moves a score: mean score of those who speak of a theme less that of those who do not.

A difference between people who chose to speak is no proof of a cause, so it is called a driver
with its interval, and only what is changed and measured again shows an effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from kizuna.clv.data import FloatArray

LEAST = 5
"""Scores on either side before a difference is told."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two means with the ends of its interval, and how many are on either side."""

    delta: float
    low: float
    high: float
    with_it: int
    without: int


def difference(mine: FloatArray, others: FloatArray, *, level: float = 0.90) -> Difference | None:
    """Give the difference of means by Welch (1947); None where a side has too few."""
    if min(len(mine), len(others)) < LEAST:
        return None
    variances = np.array([np.var(mine, ddof=1) / len(mine), np.var(others, ddof=1) / len(others)])
    delta = float(np.mean(mine) - np.mean(others))
    error = float(np.sqrt(variances.sum()))
    if error == 0.0:
        return Difference(delta, delta, delta, len(mine), len(others))
    freedom = variances.sum() ** 2 / (variances**2 / [len(mine) - 1, len(others) - 1]).sum()
    reach = float(stdtrit(freedom, 0.5 + level / 2)) * error
    return Difference(delta, delta - reach, delta + reach, len(mine), len(others))
