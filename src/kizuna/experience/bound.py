"""Whom the terms of contracts hold beyond the horizon: they can leave by breaking them alone.

Nothing is believed of terms before it is seen that they bind. Of those who were held, hardly any
may have left, while of the others many did; else they are learnt from like everybody.

What those who are held do once their terms end, their signs of today tell in part: `Choice` bends
the log-odds that one with such signs has who is free to what came at the ends that have been seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from kizuna.experience.calibration import FloatArray, share_interval

FACT = "days_bound"
"""Name of the fact: days until every contract of the customer can have ended."""
AT_MOST = 0.5
"""Share of the rate of the others that those who are held may leave at, at most."""


TERMS = (FACT, "days_to_renewal", "days_to_notice")
"""Facts that tell how near the end is: of a choice at the end they say nothing."""
ENDS_SEEN, EACH_WAY = 15, 3
"""Customers whose terms must have ended, and as many of them who must have left, and stayed."""
SHIFT_ERROR, SLOPE_ERROR = 2.0, 0.5
"""Standard deviations of what is believed before any end is seen: a slope of 1, and no shift."""
STEPS = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """What the log-odds of one who is free become for one who is held, at the end of the terms.

    Attributes
    ----------
    shift, slope : log-odds of leaving then = shift + slope × what signs add for one who is free.
    errors : variance of the shift, of the slope, and their covariance.
    customers, left : whose terms were seen to end, and of these who left then.

    """

    shift: float
    slope: float
    errors: tuple[float, float, float]
    customers: int
    left: int

    @classmethod
    def of(cls, signs: FloatArray, left: FloatArray, customer: NDArray[np.intp]) -> Self | None:
        """Learn from rows whose end was seen; a customer counts once, however many rows tell."""
        _, whose, rows = np.unique(customer, return_inverse=True, return_counts=True)
        gone = len(np.unique(customer[left > 0]))
        if len(rows) < ENDS_SEEN or min(gone, len(rows) - gone) < EACH_WAY:
            return None
        design = np.column_stack([np.ones(len(signs)), signs])
        at, errors = _bent(design, left, 1.0 / rows[whose])
        covariance = float(errors[0, 0]), float(errors[1, 1]), float(errors[0, 1])
        return cls(float(at[0]), float(at[1]), covariance, len(rows), gone)

    def log_odds(self, signs: FloatArray) -> FloatArray:
        """Give those of leaving at the end of the terms."""
        return self.shift + self.slope * signs

    def error(self, signs: FloatArray) -> FloatArray:
        """Give the standard error of the log-odds."""
        of_shift, of_slope, both = self.errors
        found: FloatArray = np.sqrt(of_shift + of_slope * signs**2 + 2.0 * both * signs)
        return found


def _bent(
    design: FloatArray, left: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Find the shift and the slope that fit best, and their covariance, by Newton's steps."""
    at, usual = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    belief = np.diag([SHIFT_ERROR**-2, SLOPE_ERROR**-2])
    errors = np.linalg.inv(belief)
    for _ in range(STEPS):
        p = expit(design @ at)
        bends = design.T @ (design * (weight * p * (1.0 - p))[:, None]) + belief
        errors = np.linalg.inv(bends)
        at = at + errors @ (design.T @ (weight * (left - p)) - belief @ (at - usual))
    return at, errors


@dataclass(frozen=True, slots=True)
class Bound:
    """Terms that bind.

    Attributes
    ----------
    place : number of the fact among the facts.
    horizon : days from which on a customer is held.
    share, low, high : of those held, who left all the same, and its 90 % interval.

    """

    place: int
    horizon: float
    share: float
    low: float
    high: float

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        facts: FloatArray,
        left: NDArray[np.bool_],
        customer: NDArray[np.intp],
        horizon: float,
    ) -> Self | None:
        """Learn from rows of facts whether terms bind; None where they do not."""
        if FACT not in names or not horizon:
            return None
        place = list(names).index(FACT)
        held = _held(facts, place, horizon)
        if held.all() or not held.any():
            return None
        many = len(np.unique(customer[held]))
        gone = len(np.unique(customer[held & left]))
        low, high = share_interval(gone, many)
        if high > AT_MOST * float(left[~held].mean()):
            return None
        return cls(place, horizon, (gone + 0.5) / (many + 1.0), low if gone else 0.0, high)

    def holds(self, facts: FloatArray) -> NDArray[np.bool_]:
        """Tell which rows are of customers who are held; not known is not held."""
        return _held(facts, self.place, self.horizon)


def _held(facts: FloatArray, place: int, horizon: float) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = np.nan_to_num(facts[:, place], nan=0.0) >= horizon
    return held
