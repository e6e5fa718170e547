"""An interval with its level, and the interval of a ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

type FloatArray = NDArray[np.float64]

LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a quantity lies: the estimate, and bounds that hold it in `level` of all cases."""

    estimate: float
    low: float
    high: float
    level: float = LEVEL

    @classmethod
    def around(
        cls, estimate: float, error: float, level: float = LEVEL, freedom: float = math.inf
    ) -> Interval:
        """Give the interval of an estimate with a standard error: normal, or Student's t."""
        half = quantile(level, freedom) * error
        return cls(estimate, estimate - half, estimate + half, level)

    @property
    def sign(self) -> int:
        """1 where all of it is above 0, -1 where all is below, 0 where it is not known."""
        return int(self.low > 0) - int(self.high < 0)

    def mapped(self, factor: float, add: float = 0.0) -> Interval:
        """Give the interval of `factor`·x + `add`."""
        ends = sorted((factor * self.low + add, factor * self.high + add))
        return Interval(factor * self.estimate + add, ends[0], ends[1], self.level)

    def holds(self, value: float) -> bool:
        """Tell whether `value` lies within."""
        return self.low <= value <= self.high


def quantile(level: float, freedom: float = math.inf) -> float:
    """How many standard errors an interval of `level` reaches to each side."""
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1; got {level}")
    share = 0.5 + level / 2
    return float(ndtri(share) if math.isinf(freedom) else stdtrit(max(freedom, 1.0), share))


def ratio_interval(
    top: float,
    bottom: float,
    *,
    top_error: float,
    bottom_error: float,
    covariance: float = 0.0,
    level: float = LEVEL,
) -> Interval | None:
    """Fieller's interval of top/bottom (1954); None where the bottom may be 0: it has no bounds."""
    z2 = quantile(level) ** 2
    square = bottom**2 - z2 * bottom_error**2
    if square <= 0:
        return None
    middle = top * bottom - z2 * covariance
    under = middle**2 - (top**2 - z2 * top_error**2) * square
    half = math.sqrt(max(under, 0.0))
    return Interval(top / bottom, (middle - half) / square, (middle + half) / square, level)
