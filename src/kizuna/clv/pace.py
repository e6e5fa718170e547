"""Pace: customers who are new buy faster, and a stationary model mistakes that for desertion.

BG/NBD and its relatives hold a customer's buying rate constant from the first order to the last.
In many shops the first weeks run faster (novelty, first-order offers). A stationary model can only
explain the later slowdown by customers leaving, and so predicts too little for those who stay.

A `Pace` is how fast the model's clock runs at each age of a customer,

    1 + lift · exp(-(age / fade)²),

faster at first, and exactly the calendar once the novelty has gone. The model itself is unchanged:
it is fitted to histories on its own clock, and a horizon is turned into the time that this clock
will show. The likelihood gains the factor Π pace(age) over all repeat purchases (change of
variable), so that a model with and without a pace are compared on the same data.

Two rules keep it honest: the fade must lie within a quarter of the ages observed, so that the
steady pace has been seen and is not extrapolated; and the pace is used only where it earns its two
parameters, by the Bayesian information criterion here and by forecasts made at earlier cut-offs in
`kizuna.clv.back_test`. Research and figures: docs/decisions, "Season and trend".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erf

from kizuna.clv.data import FloatArray, Purchases
from kizuna.clv.fitting import Fit
from kizuna.clv.protocols import PurchaseModel

type Fitter = Callable[..., Fit[PurchaseModel]]
"""`fit` of a model's class: `BGNBD.fit`; takes `start=`, a model to begin from."""

LATEST_FADE = 0.25
"""Longest fade, as a share of the greatest age observed."""

COARSE_PATTERNS = 20_000
COARSE_STEPS = 120
SEARCH_BOX = (np.array([0.0, 0.05]), np.array([8.0, 1.0]))
"""Lowest and highest lift, and fade as a share of the latest."""

EVALUATIONS = 40
NEAR_ENOUGH = 0.03
"""Points of log-likelihood below which the search is over."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model's clock runs at each age; `Pace()` is the calendar itself.

    Parameters
    ----------
    lift : extra pace of a customer at age 0; 0.7 means 70 % faster than later.
    fade : age, in periods, at which the lift has fallen to 37 %.

    """

    lift: float = 0.0
    fade: float = 1.0

    @property
    def steady(self) -> bool:
        """Whether the clock is the calendar."""
        return self.lift == 0.0

    @property
    def lead(self) -> float:
        """Periods by which the clock of an old customer is ahead of the calendar."""
        return float(self.lift * self.fade * np.sqrt(np.pi) / 2)

    def at(self, age: ArrayLike) -> FloatArray:
        """Pace at an age: model periods per calendar period."""
        return 1.0 + self.lift * np.exp(-((np.asarray(age, np.float64) / self.fade) ** 2))

    def elapsed(self, age: ArrayLike) -> FloatArray:
        """Model periods that a customer of this age has lived through."""
        t = np.asarray(age, np.float64)
        return np.asarray(t + self.lead * erf(t / self.fade))

    def horizon(self, horizon: ArrayLike, age: ArrayLike = np.inf) -> FloatArray:
        """Model periods in the next `horizon` periods of customers of this age; broadcasts.

        A steady clock gives the horizon itself, whatever the age.
        """
        h, t = np.asarray(horizon, np.float64), np.asarray(age, np.float64)
        if self.steady:
            return h
        return np.asarray(h + self.lead * (erf((t + h) / self.fade) - erf(t / self.fade)))

    def purchases(self, purchases: Purchases) -> Purchases:
        """Put histories on the model's clock."""
        if self.steady:
            return purchases
        T = self.elapsed(purchases.T)
        return Purchases(
            purchases.x, np.minimum(self.elapsed(purchases.t_x), T), T, purchases.weight
        )


@dataclass(frozen=True, slots=True, eq=False)
class RepeatAges:
    """Repeat purchases by the age of the customer who made them, up to the cut-off.

    Parameters
    ----------
    age : periods since the customer's first purchase, shape (ages,); above 0.
    count : repeat purchases at that age, of all customers together, shape (ages,).
    step : distance of neighbouring ages, in periods: 1 for days, 1/7 for weeks cut by day.

    """

    age: FloatArray
    count: FloatArray
    step: float

    @classmethod
    def by_day(cls, counts: ArrayLike, *, days_per_period: float = 1.0) -> RepeatAges:
        """From counts per day of age, position 0 being the day of the first purchase (ignored)."""
        count = np.asarray(counts, np.float64)[1:]
        return cls(np.arange(1.0, len(count) + 1) / days_per_period, count, 1.0 / days_per_period)

    def log_pace(self, pace: Pace) -> float:
        """Sum of the log mean pace over each purchase's step: what the likelihood gains."""
        start = np.maximum(self.age - self.step, 0.0)
        mean = pace.horizon(self.step, start) / self.step
        return float((self.count * np.log(mean)).sum())


@dataclass(frozen=True, slots=True)
class PaceEstimate:
    """A pace and the evidence for it, all from before the cut-off.

    Attributes
    ----------
    pace : most likely lift and fade.
    gain : log-likelihood over the same model on the calendar.
    price : what two more parameters cost by the Bayesian information criterion, ln(customers).

    """

    pace: Pace
    gain: float
    price: float

    @property
    def supported(self) -> bool:
        """Whether the data pay for the two parameters."""
        return self.gain > self.price


def estimate_pace(
    purchases: Purchases, ages: RepeatAges, fitter: Fitter, *, near: Pace | None = None
) -> PaceEstimate:
    """Find the pace that makes the histories most likely.

    Parameters
    ----------
    purchases : histories at the cut-off, customers or patterns.
    ages : repeat purchases by age, of the same customers up to the same cut-off.
    fitter : `fit` of the model on that clock, e.g. `BGNBD.fit`; called some twenty times. Above
        `COARSE_PATTERNS` patterns, ages are rounded to 1/120 of the greatest first.
    near : a pace known from nearly the same data, to begin from.

    """
    data, ages = _coarse(purchases.compress(), ages)
    oldest = float(data.T.max(initial=0.0))
    price = float(np.log(max(data.n, 2.0)))
    if oldest <= 0 or ages.count.sum() == 0:
        return PaceEstimate(Pace(), 0.0, price)
    climb = _Climb(data, ages, fitter, fitter(data), oldest)
    best = _lowest(climb.loss, [np.clip(c, *SEARCH_BOX) for c in climb.corners(near)])
    return PaceEstimate(climb.pace(best.at), -best.value, price)


@dataclass(slots=True, eq=False)
class _Climb:
    """Gain in log-likelihood of a pace; each fit starts where the last one ended."""

    data: Purchases
    ages: RepeatAges
    fitter: Fitter
    plain: Fit[PurchaseModel]
    oldest: float

    def pace(self, theta: FloatArray) -> Pace:
        return Pace(float(theta[0]), float(theta[1]) * self.oldest * LATEST_FADE)

    def corners(self, near: Pace | None) -> FloatArray:
        """Three points to start from, as (lift, share of the latest fade)."""
        if near is None or near.steady:
            return np.array([[0.2, 0.6], [0.8, 0.6], [0.5, 0.9]])
        share = min(near.fade / (self.oldest * LATEST_FADE), 0.95)
        return np.array(
            [[0.8 * near.lift, share], [1.2 * near.lift, share], [near.lift, 0.8 * share]]
        )

    def loss(self, theta: FloatArray) -> float:
        pace = self.pace(theta)
        fit = self.fitter(pace.purchases(self.data), start=self.plain.model)
        return self.plain.log_likelihood - fit.log_likelihood - self.ages.log_pace(pace)


class _Point(NamedTuple):
    value: float
    at: FloatArray


def _lowest(loss: Callable[[FloatArray], float], corners: list[FloatArray]) -> _Point:
    """Find the lowest point of a plane by the simplex method of Nelder and Mead, within a box."""

    def look(at: FloatArray) -> _Point:
        inside = np.clip(at, *SEARCH_BOX)
        return _Point(loss(inside), inside)

    simplex = [look(corner) for corner in corners]
    looks = len(simplex)
    while looks < EVALUATIONS:
        simplex.sort(key=lambda point: point.value)
        if simplex[-1].value - simplex[0].value < NEAR_ENOUGH:
            break
        moved = _moved(simplex, look)
        simplex = [*simplex[:2], moved] if moved else _shrunk(simplex, look)
        looks += 2
    return min(simplex, key=lambda point: point.value)


def _moved(simplex: list[_Point], look: Callable[[FloatArray], _Point]) -> _Point | None:
    """Reflect the worst corner, then stretch or shorten the step; None when nothing is better."""
    best, middle, worst = simplex
    centre = (best.at + middle.at) / 2
    mirrored = look(2 * centre - worst.at)
    if mirrored.value < best.value:
        return min(mirrored, look(3 * centre - 2 * worst.at), key=lambda point: point.value)
    if mirrored.value < middle.value:
        return mirrored
    nearer = min(mirrored, worst, key=lambda point: point.value)
    short = look((centre + nearer.at) / 2)
    return short if short.value < nearer.value else None


def _shrunk(simplex: list[_Point], look: Callable[[FloatArray], _Point]) -> list[_Point]:
    best = simplex[0]
    return [best, *(look((best.at + point.at) / 2) for point in simplex[1:])]


def _coarse(data: Purchases, ages: RepeatAges) -> tuple[Purchases, RepeatAges]:
    """Round ages up to a coarse grid where the patterns are too many to fit over and over."""
    step = float(data.T.max(initial=0.0)) / COARSE_STEPS
    if len(data) <= COARSE_PATTERNS or step <= ages.step:
        return data, ages
    t_x, T, age = (np.ceil(t / step - 1e-9) * step for t in (data.t_x, data.T, ages.age))
    rounded = Purchases(data.x, t_x, T, data.weight).compress()
    return rounded, RepeatAges(age, ages.count, step)
