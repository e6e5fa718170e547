"""Pareto/NBD: buying at random while alive, for an exponentially distributed lifetime.

Non-contractual, continuous time. While alive a customer buys at a constant rate λ (Poisson); he
leaves for good after an unobserved lifetime, exponential with rate μ, whether he buys or not.
Rates differ between customers as Gamma(r, alpha), dropout rates as Gamma(s, beta), independently.

The likelihood is Γ(r+x)/Γ(r) α^r β^s {(α+T)^-(r+x) (β+T)^-s + s ∫ (α+y)^-(r+x) (β+y)^-(s+1) dy},
y from t_x to T: alive at T, or dead at y. Every term is positive, so the integral is computed as it
stands (`kizuna.clv.lifetime_integral`); no hypergeometric function is needed.

Sources: Schmittlein, Morrison & Colombo (1987), "Counting Your Customers", Management Science 33;
Fader & Hardie (2005), "A Note on Deriving the Pareto/NBD Model and Related Expressions".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kizuna.clv.arrival import p_arrival
from kizuna.clv.data import FloatArray, Purchases
from kizuna.clv.fitting import Fit, maximum_likelihood
from kizuna.clv.interpolation import smooth_in_log
from kizuna.clv.lifetime_integral import log_odds_dead, objective
from kizuna.clv.special import legendre, log_rising

NODES = 16
NEGLIGIBLE = 38.0


@dataclass(frozen=True, slots=True)
class ParetoNBD:
    """Pareto / negative binomial model of repeat purchases.

    Parameters
    ----------
    r : shape of the purchase rate across customers.
    alpha : rate of that gamma distribution, in periods; mean purchases a period = r / alpha.
    s : shape of the dropout rate across customers.
    beta : rate of that gamma distribution, in periods; mean dropout rate = s / beta.

    Each may be an array of draws of shape (draws, 1); results then have shape (draws, rows).

    """

    r: float
    alpha: float
    s: float
    beta: float

    @classmethod
    def fit(cls, purchases: Purchases, *, start: Self | None = None) -> Fit[Self]:
        """Maximum likelihood; never raises on valid data. Equal rows are grouped first."""
        guesses = [] if start is None else [np.log([start.r, start.alpha, start.s, start.beta])]
        data = purchases.group()
        return maximum_likelihood(
            cls, objective, data, starts=[*guesses, *_starts(data)], bounds=_bounds(data)
        )

    def log_likelihood(self, purchases: Purchases) -> FloatArray:
        """Log-likelihood of each row, unweighted, without the constant 1 / x!."""
        p = purchases
        buying = log_rising(self.r, p.x) - self.r * np.log1p(p.T / self.alpha)
        living = -p.x * np.log(self.alpha + p.T) - self.s * np.log1p(p.T / self.beta)
        return buying + living + np.logaddexp(0.0, log_odds_dead(self, p))

    def p_alive(self, purchases: Purchases) -> FloatArray:
        """Probability that the customer's lifetime exceeds T, given the history."""
        return np.exp(-np.logaddexp(0.0, log_odds_dead(self, purchases)))

    def expected_purchases(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Purchases expected in (T, T + horizon], given the history."""
        return self.p_alive(purchases) * self.expected_purchases_alive(purchases, horizon)

    def expected_purchases_alive(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Purchases expected in (T, T + horizon] of a customer alive at T."""
        p = purchases
        rate = (self.r + p.x) / (self.alpha + p.T)
        return rate * _expected_time(self.s, self.beta + p.T, np.asarray(horizon, np.float64))

    def expected_purchases_new(self, horizon: ArrayLike) -> FloatArray:
        """Repeat purchases expected of a new customer in (0, horizon]."""
        t = np.asarray(horizon, np.float64)
        return np.asarray(self.r / self.alpha * _expected_time(self.s, self.beta, t))

    def discounted_purchases(
        self, purchases: Purchases, *, discount: float, horizon: float | None = None
    ) -> FloatArray:
        """Purchases expected after T, one at T + t worth exp(-discount · t); None: without end."""
        if horizon is None and discount <= 0:
            raise ValueError("discounted_purchases: without a horizon, discount must be positive")
        p, end = purchases, np.inf if horizon is None else horizon
        if len(p) == 0:
            return self.p_alive(p)

        def of_age(_: NDArray[np.intp], T: FloatArray) -> FloatArray:
            return _discounted_time(self.s, self.beta + T, discount, end)

        time = smooth_in_log(of_age, np.zeros(len(p), np.intp), p.T, float(np.min(self.beta)))
        return self.p_alive(p) * (self.r + p.x) / (self.alpha + p.T) * time

    def p_at_least_alive(
        self, count: ArrayLike, purchases: Purchases, horizon: float
    ) -> FloatArray:
        """Probability of ≥ count purchases in (T, T + horizon], given alive at T."""
        k, n, A = np.maximum(count, 1.0), self.r + purchases.x, self.alpha + purchases.T
        reached = p_arrival(k, n, A, self.s, self.beta + purchases.T, horizon)
        return np.where(np.asarray(count) <= 0, 1.0, reached)

    def p_at_least(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of at least `count` purchases in (T, T + horizon]."""
        alive = self.p_at_least_alive(count, purchases, horizon)
        return np.where(np.asarray(count) <= 0, 1.0, self.p_alive(purchases) * alive)

    def p_exactly(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of exactly `count` purchases in (T, T + horizon]."""
        more = self.p_at_least(np.add(count, 1), purchases, horizon)
        return np.maximum(self.p_at_least(count, purchases, horizon) - more, 0.0)


def _expected_time(s: ArrayLike, B: ArrayLike, t: FloatArray) -> FloatArray:
    """E[min(lifetime, t)] when P(lifetime > y) = (B / (B + y))^s; smooth through s = 1."""
    u = np.log1p(t / np.asarray(B))
    power = (1.0 - np.asarray(s)) * u
    safe = np.where(np.abs(power) < 1e-8, 1.0, power)
    mean = np.where(np.abs(power) < 1e-8, 1.0 + power / 2, np.expm1(safe) / safe)
    return np.asarray(B * u * mean)


def _discounted_time(s: ArrayLike, B: FloatArray, discount: float, end: float) -> FloatArray:
    """Integrate e^(-δt) (B / (B + t))^s from 0 to `end`, in u = log(1 + t / B)."""
    fall = np.asarray(s) - 1.0
    span = np.log1p(np.minimum(end, 45.0 / max(discount, 1e-300)) / B) + 0.0 * fall
    for _ in range(6):
        value = -fall * span - discount * B * np.expm1(span)
        slope = fall + discount * B * np.exp(span)
        excess = np.maximum(-NEGLIGIBLE - value, 0.0)
        span = span - np.where(excess > 0, excess / np.where(slope > 0, slope, np.inf), 0.0)
    total = np.zeros_like(span)
    for node, weight in zip(*legendre(NODES + 8 + 2 * int(span.max(initial=0.0))), strict=True):
        u = span * node
        total += weight * np.exp(-fall * u - discount * B * np.expm1(u))
    return np.asarray(total * span * B)


def _starts(data: Purchases) -> list[FloatArray]:
    rate, span = data.rate_and_span()
    shapes = [(0.5, 0.6, 1.0), (2.0, 2.0, 5.0), (0.3, 0.2, 0.3)]
    return [np.log([r, 0.7 * max(r / rate, 1e-3 * span), s, beta * span]) for r, s, beta in shapes]


def _bounds(data: Purchases) -> tuple[FloatArray, FloatArray]:
    _, span = data.rate_and_span()
    low = np.log([1e-4, 1e-6 * span, 1e-5, 1e-6 * span])
    return low, np.log([1e4, 1e6 * span, 1e4, 1e6 * span])
