"""Looking as often as one likes: a confidence sequence for holdouts that are always on.

Story. Whoever looks every week and stops at the first "significant" result is fooled in 18 to 40 of
100 cases. A confidence sequence holds at all looks together: the chance that it *ever* leaves the
truth out is at most α. It is 1.6 times as wide as the interval of one look, the price of looking.

It is narrowest near `planned` units, which is declared before the start and then left alone.

Assumptions. Units are customers whose outcome is complete (matured), each counted once: weeks of a
customer are not units. The first look comes at 200 controls.

Sources. Howard, Ramdas, McAuliffe and Sekhon (2021), Annals of Statistics 49(2); Waudby-Smith,
Arbour, Sinha, Kennedy and Ramdas (2024), Annals of Statistics 52(6), eq. (14) for the tuning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kizuna.experiments.effect import Effect
from kizuna.experiments.interval import Interval

SEQUENCE_LEVEL = 0.95
FEWEST_CONTROLS = 200


@dataclass(frozen=True, slots=True)
class Sequence:
    """A confidence sequence, tuned before the start.

    Attributes
    ----------
    planned : units at which it is to be narrowest.
    level : chance that it holds the truth at every look.
    fewest_controls : units in the smaller arm before the first look.

    """

    planned: float
    level: float = SEQUENCE_LEVEL
    fewest_controls: int = FEWEST_CONTROLS

    def __post_init__(self) -> None:
        if not (self.planned > 0 and 0 < self.level < 1):
            raise ValueError(f"planned must be above 0 and level within (0, 1); got {self}")

    @property
    def alpha(self) -> float:
        """Chance that the truth is ever left out."""
        return 1.0 - self.level

    @property
    def rho_squared(self) -> float:
        """Tuning that makes it narrowest at `planned` units."""
        wide = -2.0 * math.log(self.alpha)
        return (wide + math.log(wide) + 1.0) / self.planned

    def half_width(self, units: float, error: float) -> float:
        """Reach to each side, of a difference with this standard error at so many units."""
        grown = units * self.rho_squared + 1.0
        sigma = math.sqrt(units) * error
        inner = 2.0 * grown / (units**2 * self.rho_squared)
        return sigma * math.sqrt(inner * math.log(math.sqrt(grown) / self.alpha))

    def interval(self, effect: Effect) -> Interval | None:
        """Give the interval of a look; None before the first look is due."""
        if min(effect.control, effect.treated) < self.fewest_controls:
            return None
        middle, half = effect.difference, self.half_width(effect.units, effect.error)
        return Interval(middle, middle - half, middle + half, self.level)

    def p(self, effect: Effect) -> float:
        """Give the smallest α at which the sequence, tuned as it is, leaves 0 out; 1 if none does.

        Before the first look it is 1.
        """
        if min(effect.control, effect.treated) < self.fewest_controls:
            return 1.0
        grown = effect.units * self.rho_squared + 1.0
        reach = effect.z**2 * effect.units * self.rho_squared / (2.0 * grown)
        return min(math.exp(0.5 * math.log(grown) - reach), 1.0)


def mixture_ratio(difference: float, variance: float, prior_variance: float) -> float:
    """Likelihood ratio of some effect against none; 1/α or more rejects, at any look (mSPRT).

    Robbins (1970); Johari, Koomen, Pekelis and Walsh (2022).
    """
    both = variance + prior_variance
    grown = prior_variance * difference**2 / (2.0 * variance * both)
    return math.sqrt(variance / both) * math.exp(min(grown, 700.0))
