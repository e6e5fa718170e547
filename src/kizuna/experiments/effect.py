"""What an action earned for each customer who was eligible: a difference in means.

Story. Chance parted the eligible customers. All of them are compared, whether the action reached
them or not (intention to treat), so that nothing but the action tells the arms apart. What was
known before, such as predicted value and past spend, explains much of the spread between customers;
it is taken out with one slope for both arms (CUPED; Deng, Xu, Kohavi and Walker 2013).

The trap of money. A small control arm that happens to miss the big spenders has a low mean *and* a
low variance: plain intervals then cry "it works" in 18 of 100 cases where nothing was done. So the
control's variance is drawn toward that of the treated, by 200 / (200 + controls).

Limits. Outcomes are not cut (winsorised): that biases the effect on money. With fewer than two
units in an arm there is no effect to give.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtr

from kizuna.experiments.interval import LEVEL, FloatArray, Interval, ratio_interval
from kizuna.experiments.moments import Moments

type Variance = Literal["shrunk", "pooled", "own"]

DRAWN = 200.0
"""Controls at which the variance is half the control's own, half the treated's."""
FIRM = 4.0
"""Standard errors that the control's mean must be off 0 before a percentage is told."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference in means, and how sure it is.

    Attributes
    ----------
    treated, control : units in each arm.
    treated_mean, control_mean : outcome of a unit, adjusted by the covariates.
    treated_error, control_error : their standard errors.
    variance_removed : share of the outcome's variance that the covariates explain, 0 to 1.
    freedom : degrees of freedom of the errors.

    """

    treated: int
    control: int
    treated_mean: float
    control_mean: float
    treated_error: float
    control_error: float
    variance_removed: float = 0.0
    freedom: float = math.inf

    @property
    def difference(self) -> float:
        """Outcome of a unit that the action made."""
        return self.treated_mean - self.control_mean

    @property
    def error(self) -> float:
        """Standard error of the difference."""
        return math.hypot(self.treated_error, self.control_error)

    @property
    def units(self) -> int:
        """Units of both arms."""
        return self.treated + self.control

    @property
    def z(self) -> float:
        """Difference in standard errors; 0 where both are 0."""
        return self.difference / self.error if self.error > 0 else 0.0

    @property
    def p(self) -> float:
        """Chance of a difference this far from 0, either way, if the action did nothing."""
        return float(2.0 * stdtr(self.freedom, -abs(self.z))) if self.error > 0 else 1.0

    def interval(self, level: float = LEVEL) -> Interval:
        """Give the interval of one analysis at an end that was planned."""
        return Interval.around(self.difference, self.error, level, self.freedom)

    def relative(self, level: float = LEVEL) -> Interval | None:
        """Give the difference as a share of the control's mean (Fieller).

        None where the control's mean is less than four standard errors off 0.
        """
        if abs(self.control_mean) <= FIRM * self.control_error or not self.control_mean:
            return None
        errors = {"top_error": self.treated_error, "bottom_error": self.control_error}
        ratio = ratio_interval(self.treated_mean, self.control_mean, level=level, **errors)
        return ratio.mapped(1.0, -1.0) if ratio else None

    def scaled(self, factor: float, less: float = 0.0) -> Effect:
        """Give the effect on `factor` times the outcome, less what each treated unit costs."""
        means = factor * self.treated_mean - less, factor * self.control_mean
        errors = abs(factor) * self.treated_error, abs(factor) * self.control_error
        sizes = self.treated, self.control
        return Effect(*sizes, *means, *errors, self.variance_removed, self.freedom)

    def to_dict(self) -> dict[str, float]:
        """Write all of it, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, float]) -> Effect:
        """Rebuild one from `to_dict`."""
        rest = (data[name] for name in list(cls.__slots__)[2:])
        return cls(int(data["treated"]), int(data["control"]), *rest)


def effect(treated: Moments, control: Moments, *, variance: Variance = "shrunk") -> Effect:
    """Compare two arms; covariates, where there are any, are taken out with one slope."""
    return stratified([(treated, control)], variance=variance)


def stratified(
    strata: Iterable[tuple[Moments, Moments]], *, variance: Variance = "shrunk"
) -> Effect:
    """Compare arms within strata, each weighted by its units.

    Needed where shares differ between strata. A stratum with fewer than two units in an arm is left
    out; the sizes tell who is in.
    """
    pairs = [(t, c) for t, c in strata if min(t.n, c.n) >= 2]
    if not pairs:
        raise ValueError("an effect needs at least two units in each arm")
    slope = pooled_slope([arm for pair in pairs for arm in pair])
    parts = [_compared(t, c, slope, variance) for t, c in pairs]
    removed = _removed([arm for pair in pairs for arm in pair], slope)
    return _together(parts, removed, len(slope))


def pooled_slope(arms: Iterable[Moments]) -> FloatArray:
    """Slope of the outcome on each covariate within arms; covariates that repeat others share."""
    scatter = np.sum([arm.scatter for arm in arms], axis=0)
    own = scatter[1:, 1:]
    scale = np.sqrt(np.diag(own))
    scale = np.where(scale > 0, scale, 1.0)
    unit = own / np.outer(scale, scale)
    slope: FloatArray = np.linalg.pinv(unit, rcond=1e-9) @ (scatter[1:, 0] / scale) / scale
    return slope


def ratio_effect(treated: Moments, control: Moments, *, variance: Variance = "shrunk") -> Effect:
    """Compare Σ top / Σ bottom, such as money per order, of arms with these two columns.

    By the delta method: the ratio of an arm is the mean of what a unit is off it, over the mean of
    the bottom (Deng, Knoblich and Lu 2018). The unit stays the customer, never the order.
    """
    arms = []
    for arm in (treated, control):
        top, bottom = arm.mean[:2]
        if not bottom:
            raise ValueError("a ratio needs a bottom that is not 0 in each arm")
        arms.append((top / bottom, arm.mapped([[1.0 / bottom, -top / bottom**2]])))
    found = effect(arms[0][1], arms[1][1], variance=variance)
    errors = found.treated_error, found.control_error
    return Effect(treated.n, control.n, arms[0][0], arms[1][0], *errors, freedom=found.freedom)


def _compared(t: Moments, c: Moments, slope: FloatArray, variance: Variance) -> Effect:
    middle = (t + c).mean[1:]
    means = [float(arm.mean[0] - slope @ (arm.mean[1:] - middle)) for arm in (t, c)]
    spread_t, spread_c = _spreads(t, c, slope, variance)
    errors = math.sqrt(spread_t / t.n), math.sqrt(spread_c / c.n)
    return Effect(t.n, c.n, means[0], means[1], *errors)


def _spreads(t: Moments, c: Moments, slope: FloatArray, variance: Variance) -> tuple[float, float]:
    """Variance of a unit in each arm."""
    own_t, own_c = t.left_over(slope), c.left_over(slope)
    if variance == "own":
        return own_t, own_c
    if variance == "pooled":
        both = (own_t * (t.n - 1) + own_c * (c.n - 1)) / (t.n + c.n - 2)
        return both, both
    # whichever arm is small is the one whose variance cannot be trusted
    return (_drawn(own_t, own_c, t.n), own_c) if t.n < c.n else (own_t, _drawn(own_c, own_t, c.n))


def _drawn(own: float, other: float, n: int) -> float:
    return (n * own + DRAWN * other) / (n + DRAWN)


def _removed(arms: list[Moments], slope: FloatArray) -> float:
    total = sum(float(arm.scatter[0, 0]) for arm in arms)
    weights = np.concatenate([[1.0], -slope])
    left = sum(float(weights @ arm.scatter @ weights) for arm in arms)
    return min(max(1.0 - left / total, 0.0), 1.0) if total > 0 else 0.0


def _together(parts: list[Effect], removed: float, covariates: int) -> Effect:
    weight = np.array([part.units for part in parts], np.float64)
    weight /= weight.sum()
    values = np.array(
        [(p.treated_mean, p.control_mean, p.treated_error, p.control_error) for p in parts]
    )
    means, errors = weight @ values[:, :2], np.sqrt(weight**2 @ values[:, 2:] ** 2)
    treated, control = sum(p.treated for p in parts), sum(p.control for p in parts)
    freedom = float(max(treated + control - 2 * len(parts) - covariates, 1))
    found = float(means[0]), float(means[1]), float(errors[0]), float(errors[1])
    return Effect(treated, control, *found, removed, freedom)
