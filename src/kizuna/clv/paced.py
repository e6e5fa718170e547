"""A purchase model whose clock runs at a pace, used exactly like the model itself.

Every question is put to the model on its own clock: histories are translated, and a horizon
becomes the time that the clock will show at its end, which depends on the customer's age.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kizuna.clv.data import FloatArray, Purchases
from kizuna.clv.pace import Pace
from kizuna.clv.protocols import PurchaseModel
from kizuna.clv.special import legendre

NODES = 20
BLOCK = 8192
SETTLED = 3.0
"""Age, in fades, from which the clock and the calendar differ by a constant (to 1e-5 of a lead)."""


@dataclass(frozen=True, slots=True)
class Paced[M: PurchaseModel]:
    """A model on its own clock; with `Pace()` it is the model.

    Parameters
    ----------
    model : fitted to `pace.purchases(...)`, not to the calendar.
    pace : how fast the clock runs at each age.

    """

    model: M
    pace: Pace

    def p_alive(self, purchases: Purchases) -> FloatArray:
        """Probability that the customer is still a customer at T."""
        return self.model.p_alive(self.pace.purchases(purchases))

    def expected_purchases(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Purchases expected in (T, T + horizon], given the row's history."""
        return self._by_age(self.model.expected_purchases, purchases, horizon)

    def expected_purchases_alive(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Give `expected_purchases` of a customer known to be alive at T; ignores t_x."""
        return self._by_age(self.model.expected_purchases_alive, purchases, horizon)

    def expected_purchases_new(self, horizon: ArrayLike) -> FloatArray:
        """Repeat purchases expected of a new customer in (0, horizon]."""
        return self.model.expected_purchases_new(self.pace.elapsed(horizon))

    def discounted_purchases(
        self, purchases: Purchases, *, discount: float, horizon: float | None = None
    ) -> FloatArray:
        """Purchases expected after T, one at T + t worth exp(-discount · t); None: without end.

        For settled customers this is the model's own sum, for the young a quadrature.
        """
        clock = self.pace.purchases(purchases)
        total = np.array(self.model.discounted_purchases(clock, discount=discount, horizon=horizon))
        for young in self._young(purchases):
            total[..., young] = self._discounted(purchases.take(young), discount, horizon)
        return total

    def p_at_least_alive(
        self, count: ArrayLike, purchases: Purchases, horizon: float
    ) -> FloatArray:
        """Probability of ≥ count purchases in (T, T + horizon] given alive at T; ignores t_x."""
        clock, later = self.pace.purchases(purchases), self.pace.horizon(horizon, purchases.T)
        return self.model.p_at_least_alive(count, clock, later)  # type: ignore[arg-type]

    def p_at_least(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of at least `count` purchases in (T, T + horizon]."""
        clock, later = self.pace.purchases(purchases), self.pace.horizon(horizon, purchases.T)
        return self.model.p_at_least(count, clock, later)  # type: ignore[arg-type]

    def p_exactly(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of exactly `count` purchases in (T, T + horizon]."""
        clock, later = self.pace.purchases(purchases), self.pace.horizon(horizon, purchases.T)
        return self.model.p_exactly(count, clock, later)  # type: ignore[arg-type]

    def _by_age(
        self,
        ask: Callable[[Purchases, ArrayLike], FloatArray],
        purchases: Purchases,
        horizon: ArrayLike,
    ) -> FloatArray:
        """Ask the model with the one horizon of settled customers, and for the young with each's.

        A horizon per row costs the model more time and memory, hence the young go in blocks.
        """
        clock, later = self.pace.purchases(purchases), self.pace.horizon(horizon, purchases.T)
        if np.ndim(horizon) > 0 or self.pace.steady:
            return ask(clock, later)
        answer = np.array(ask(clock, horizon))
        for young in self._young(purchases):
            answer[..., young] = ask(clock.take(young), later[young])
        return answer

    def _young(self, purchases: Purchases) -> list[NDArray[np.intp]]:
        """Rows of customers whose clock still runs ahead of the calendar, in blocks."""
        if self.pace.steady:
            return []
        settled_from = SETTLED * self.pace.fade
        young = np.flatnonzero(settled_from > purchases.T)
        return [young[i : i + BLOCK] for i in range(0, len(young), BLOCK)]

    def _discounted(
        self, purchases: Purchases, discount: float, horizon: float | None
    ) -> FloatArray:
        """Discounted purchases of young customers, by quadrature."""
        settle = SETTLED * self.pace.fade - purchases.T
        s = settle if horizon is None else np.minimum(settle, horizon)

        def expected(t: FloatArray) -> FloatArray:
            return self.expected_purchases(purchases, t)

        near = _discounted(expected, discount, np.zeros_like(s), s)
        if horizon is None:
            return near + self._without_end(purchases, discount, s)
        return near + _discounted(expected, discount, s, np.full_like(s, horizon))

    def _without_end(self, purchases: Purchases, discount: float, s: FloatArray) -> FloatArray:
        """Discounted purchases after s, where the clock is the calendar plus a constant."""
        clock, ahead = self.pace.purchases(purchases), self.pace.horizon(s, purchases.T)

        def expected(t: FloatArray) -> FloatArray:
            return self.model.expected_purchases(clock, t)

        whole = self.model.discounted_purchases(clock, discount=discount)
        near = _discounted(expected, discount, np.zeros_like(ahead), ahead)
        return np.exp(discount * (ahead - s)) * (whole - near)


def _discounted(
    expected: Callable[[FloatArray], FloatArray],
    discount: float,
    start: FloatArray,
    end: FloatArray,
) -> FloatArray:
    """∫ exp(-δ t) dE(t) over (start, end], by parts: no derivative of E is needed."""
    total = np.exp(-discount * end) * expected(end) - np.exp(-discount * start) * expected(start)
    for node, weight in zip(*legendre(NODES), strict=True):
        t = start + node * (end - start)
        slope = discount * weight * (end - start) * np.exp(-discount * t)
        total = total + slope * expected(t)
    return total
