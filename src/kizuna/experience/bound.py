"""Whom the terms of contracts hold beyond the horizon: they can leave by breaking them alone.

Nothing is believed of terms before it is seen that they bind. Of those who were held, hardly any
may have left, while of the others many did; else they are learnt from like everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kizuna.experience.calibration import FloatArray, share_interval

FACT = "days_bound"
"""Name of the fact: days until every contract of the customer can have ended."""
AT_MOST = 0.5
"""Share of the rate of the others that those who are held may leave at, at most."""


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
