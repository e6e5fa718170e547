"""MBG/NBD: as BG/NBD, and a customer may also leave right after the very first purchase.

Non-contractual, continuous time. While alive a customer buys at a constant rate λ (Poisson); after
every purchase, the first included, he leaves for good with probability p. Rates differ between
customers as Gamma(r, alpha), dropout probabilities as Beta(a, b), independently. One-time buyers
therefore have a P(alive) that falls with time.

Sources: Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for
customer base analysis", Int. J. of Research in Marketing 24(3); the form is that of Platzer &
Reutterer (BTYDplus). Computation: see `kizuna.clv.beta_geometric`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from kizuna.clv import beta_geometric as shared
from kizuna.clv.data import FloatArray, Purchases
from kizuna.clv.fitting import Fit, Objective, maximum_likelihood

_NEW = Purchases(np.zeros(1), np.zeros(1), np.zeros(1))


@dataclass(frozen=True, slots=True)
class MBGNBD:
    """Modified beta-geometric / negative binomial model of repeat purchases.

    Parameters
    ----------
    r : shape of the purchase rate across customers.
    alpha : rate of that gamma distribution, in periods; mean purchases a period = r / alpha.
    a, b : shapes of the dropout probability; mean = a / (a + b).

    Each may be an array of draws of shape (draws, 1); results then have shape (draws, rows).

    """

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fit(cls, purchases: Purchases, *, start: Self | None = None) -> Fit[Self]:
        """Maximum likelihood; never raises on valid data. Equal rows are grouped first."""
        data = purchases.group()
        guesses = [] if start is None else [np.log([start.r, start.alpha, start.a, start.b])]
        return maximum_likelihood(
            cls,
            _objective,
            data,
            starts=[*guesses, *shared.starts(data)],
            bounds=shared.bounds(data),
        )

    def log_likelihood(self, purchases: Purchases) -> FloatArray:
        """Log-likelihood of each row, unweighted."""
        return shared.log_likelihood(self, purchases, first=1)

    def p_alive(self, purchases: Purchases) -> FloatArray:
        """Probability of not having left by T; below 1 for one-time buyers too."""
        alive: FloatArray = expit(-shared.log_odds_dead(self, purchases, first=1))
        return alive

    def expected_purchases(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Purchases expected in (T, T + horizon], given the history."""
        return self.p_alive(purchases) * self.expected_purchases_alive(purchases, horizon)

    def expected_purchases_alive(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Purchases expected in (T, T + horizon] of a customer alive at T."""
        return shared.expected_purchases_alive(self, purchases, horizon, first=1)

    def expected_purchases_new(self, horizon: ArrayLike) -> FloatArray:
        """Repeat purchases expected of a new customer in (0, horizon]."""
        t = np.asarray(horizon, np.float64)
        new = _NEW.take(np.zeros(t.size, np.intp))
        value = shared.expected_purchases_alive(self, new, t.reshape(-1), first=1)
        stays = self.b / (self.a + self.b)
        return stays * value.reshape(value.shape[:-1] + t.shape)

    def discounted_purchases(
        self, purchases: Purchases, *, discount: float, horizon: float | None = None
    ) -> FloatArray:
        """Purchases expected after T, one at T + t worth exp(-discount · t); None: without end."""
        alive = shared.discounted_alive(self, purchases, discount, horizon, first=1)
        return self.p_alive(purchases) * alive

    def p_at_least_alive(
        self, count: ArrayLike, purchases: Purchases, horizon: float
    ) -> FloatArray:
        """Probability of ≥ count purchases in (T, T + horizon], given alive at T."""
        return shared.p_at_least_alive(self, count, purchases, horizon, first=1)

    def p_at_least(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of at least `count` purchases in (T, T + horizon]."""
        alive = self.p_at_least_alive(count, purchases, horizon)
        return np.where(np.asarray(count) <= 0, 1.0, self.p_alive(purchases) * alive)

    def p_exactly(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of exactly `count` purchases in (T, T + horizon]."""
        more = self.p_at_least(np.add(count, 1), purchases, horizon)
        return np.maximum(self.p_at_least(count, purchases, horizon) - more, 0.0)


def _objective(data: Purchases) -> Objective:
    return shared.objective(data, first=1)
