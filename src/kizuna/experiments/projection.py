"""What an effect so far may come to later: a projection, never a headline.

Orders won by a coupon are not evidence of a customer who buys more for good: models that project
from the first weeks were off by a factor of 0.1 to 10 in simulation. So a projection multiplies the
effect so far by what completed holdouts of the same kind of action came to, and is withheld until
there are three of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kizuna.experiments.effect import Effect
from kizuna.experiments.interval import LEVEL, Interval

FEWEST_HOLDOUTS = 3


@dataclass(frozen=True, slots=True)
class Factor:
    """Long effect over early effect, learned from completed holdouts of one kind of action."""

    ratio: float
    error: float
    holdouts: int

    @classmethod
    def learned(cls, early: Sequence[float], late: Sequence[float]) -> Factor | None:
        """Give Σ late / Σ early, its error by leaving one out; None from fewer than three."""
        first, last = np.asarray(early, np.float64), np.asarray(late, np.float64)
        n = len(first)
        without = first.sum() - first
        if n < FEWEST_HOLDOUTS or len(last) != n or first.sum() == 0 or (without == 0).any():
            return None
        others = (last.sum() - last) / without
        error = np.sqrt((n - 1) / n * ((others - others.mean()) ** 2).sum())
        return cls(float(last.sum() / first.sum()), float(error), n)


def projected(effect: Effect, factor: Factor | None, level: float = LEVEL) -> Interval | None:
    """Project the difference so far; None where too few holdouts of this kind are completed."""
    if factor is None:
        return None
    early, spread = effect.difference, effect.error
    variance = (factor.ratio * spread) ** 2 + (early * factor.error) ** 2
    variance += (spread * factor.error) ** 2
    return Interval.around(early * factor.ratio, variance**0.5, level, factor.holdouts - 1)
