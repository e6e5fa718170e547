"""How many customers an answer needs, and how many are still missing.

n = (z₁ + z₂)² · CV² · (1 - R²) · (1/f + 1/(1 - f)) / δ², with f the share that is held out, δ the
effect as a share of the mean, CV the outcome's spread over its mean, R² what covariates explain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri

from kizuna.experiments.effect import Effect
from kizuna.experiments.interval import LEVEL, quantile

POWER = 0.80
LOOKING = 2.4
"""How many times the customers a confidence sequence needs for the same answer."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """What is asked of a test.

    Attributes
    ----------
    variation : standard deviation of the outcome over its mean (CV).
    removed : share of the variance that covariates explain (R²).
    level, power : of the interval, and the chance to conclude where the effect is there.
    always_on : looked at all the time, by a confidence sequence.

    """

    variation: float
    removed: float = 0.0
    level: float = LEVEL
    power: float = POWER
    always_on: bool = False

    def customers(self, effect: float, holdout: float) -> int:
        """How many eligible customers show an effect, given as a share of the mean."""
        _checked(holdout)
        if effect == 0:
            raise ValueError("no number of customers shows an effect of 0")
        return math.ceil(self._spread / effect**2 * (1.0 / holdout + 1.0 / (1.0 - holdout)))

    def detectable(self, customers: float, holdout: float) -> float:
        """Smallest effect, as a share of the mean, that so many customers show."""
        _checked(holdout)
        shares = 1.0 / holdout + 1.0 / (1.0 - holdout)
        return math.sqrt(self._spread * shares / customers) if customers > 0 else math.inf

    def smallest_holdout(self, effect: float, customers: float) -> float | None:
        """Smallest share to hold out that can conclude; None where even half is too few."""
        # 1/f + 1/(1-f) = 1/(f(1-f)) ≤ room
        room = customers * effect**2 / self._spread if self._spread > 0 else math.inf
        return 0.5 - math.sqrt(0.25 - 1.0 / room) if room >= 4.0 else None

    @property
    def _spread(self) -> float:
        reach = (quantile(self.level) + float(ndtri(self.power))) ** 2
        looking = LOOKING if self.always_on else 1.0
        return reach * self.variation**2 * (1.0 - self.removed) * looking


def more_customers(
    effect: Effect,
    worth: float,
    *,
    level: float = LEVEL,
    power: float = POWER,
    always_on: bool = False,
) -> int:
    """How many more customers show an effect of `worth`, at the present share and spread.

    `worth` is the smallest effect that would change a decision, such as what the action costs a
    customer; not the effect seen so far, which chance made larger or smaller.
    """
    if worth == 0:
        raise ValueError("worth must not be 0: no number of customers shows it")
    reach = quantile(level) + float(ndtri(power))
    due = effect.units * (reach * effect.error / worth) ** 2 * (LOOKING if always_on else 1.0)
    return max(math.ceil(due) - effect.units, 0)


def _checked(holdout: float) -> None:
    if not 0 < holdout < 1:
        raise ValueError(f"a holdout is a share between 0 and 1; got {holdout}")
