"""Pareto/NBD: buying at random while alive, for an exponentially distributed lifetime.

Non-contractual, continuous time. While alive a customer buys at a constant rate λ (Poisson); he
leaves for good after an unobserved lifetime, exponential with rate μ, whether he buys or not.
Rates differ between customers as Gamma(r, alpha), dropout rates as Gamma(s, beta), independently.

The likelihood is Γ(r+x)/Γ(r) α^r β^s {(α+T)^-(r+x) (β+T)^-s + s ∫ (α+y)^-(r+x) (β+y)^-(s+1) dy},
y from t_x to T: alive at T, or dead at y. Every term is positive, so the integral is computed as it
stands, by Gauss-Legendre quadrature in the logarithm of time; no hypergeometric function is needed.

Sources: Schmittlein, Morrison & Colombo (1987), "Counting Your Customers", Management Science 33;
Fader & Hardie (2005), "A Note on Deriving the Pareto/NBD Model and Related Expressions".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from kizuna.clv.data import FloatArray, Purchases
from kizuna.clv.fitting import Fit, Objective, maximum_likelihood, numeric_objective
from kizuna.clv.special import legendre, log_rising

NODES = 24
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
        data = purchases.compress()
        return maximum_likelihood(
            cls, _objective, data, starts=[*guesses, *_starts(data)], bounds=_bounds(data)
        )

    def log_likelihood(self, purchases: Purchases) -> FloatArray:
        """Log-likelihood of each row, unweighted, without the constant 1 / x!."""
        p = purchases
        buying = log_rising(self.r, p.x) - self.r * np.log1p(p.T / self.alpha)
        living = -p.x * np.log(self.alpha + p.T) - self.s * np.log1p(p.T / self.beta)
        return buying + living + np.logaddexp(0.0, self._log_odds_dead(p))

    def p_alive(self, purchases: Purchases) -> FloatArray:
        """Probability that the customer's lifetime exceeds T, given the history."""
        return np.exp(-np.logaddexp(0.0, self._log_odds_dead(purchases)))

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
        end = min(np.inf if horizon is None else horizon, 45.0 / max(discount, 1e-300))
        p = purchases
        rate = (self.r + p.x) / (self.alpha + p.T)
        return self.p_alive(p) * rate * _discounted_time(self.s, self.beta + p.T, discount, end)

    def p_at_least_alive(
        self, count: ArrayLike, purchases: Purchases, horizon: float
    ) -> FloatArray:
        """Probability of ≥ count purchases in (T, T + horizon], given alive at T."""
        k, n, A = np.maximum(count, 1.0), self.r + purchases.x, self.alpha + purchases.T
        B = self.beta + purchases.T
        span = np.log1p(horizon / B)
        reached = betainc(k, n, horizon / (A + horizon)) * np.exp(-self.s * span)
        for node, weight in zip(*legendre(64), strict=True):
            life = B * np.expm1(span * node)
            density = self.s * np.exp(-self.s * span * node) * span * weight
            reached = reached + density * betainc(k, n, life / (A + life))
        return np.where(np.asarray(count) <= 0, 1.0, reached)

    def p_at_least(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of at least `count` purchases in (T, T + horizon]."""
        alive = self.p_at_least_alive(count, purchases, horizon)
        return np.where(np.asarray(count) <= 0, 1.0, self.p_alive(purchases) * alive)

    def p_exactly(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of exactly `count` purchases in (T, T + horizon]."""
        more = self.p_at_least(np.add(count, 1), purchases, horizon)
        return np.maximum(self.p_at_least(count, purchases, horizon) - more, 0.0)

    def _log_odds_dead(self, p: Purchases) -> FloatArray:
        """Log of P(dead) / P(alive) at T: the integral over the moment of death."""
        n, A, B = self.r + p.x, self.alpha + p.T, self.beta + p.T
        floor = np.minimum(self.alpha, self.beta)
        span = np.log((floor + p.T) / (floor + p.t_x))
        span = np.maximum(np.minimum(span, NEGLIGIBLE / (n + self.s)), 1e-300)
        nodes, weights = legendre(NODES)
        elapsed = [(floor + p.t_x) * np.expm1(span * node) for node in nodes]
        terms = (
            [
                np.log(weight * self.s * span)
                + span * node
                + np.log((floor + p.t_x) / (self.beta + p.t_x + y))
                + n * np.log(A / (self.alpha + p.t_x + y))
                + self.s * np.log(B / (self.beta + p.t_x + y))
                for y, node, weight in zip(elapsed, nodes, weights, strict=True)
            ]
            if np.size(span)
            else [np.zeros_like(n)]
        )
        return np.logaddexp.reduce(np.stack(terms), axis=0)


def _expected_time(s: ArrayLike, B: ArrayLike, t: FloatArray) -> FloatArray:
    """E[min(lifetime, t)] when P(lifetime > y) = (B / (B + y))^s; smooth through s = 1."""
    u = np.log1p(t / B)
    power = (1.0 - np.asarray(s)) * u
    small = np.abs(power) < 1e-8
    safe = np.where(small, 1.0, power)
    return np.asarray(B * u * np.where(small, 1.0 + power / 2, np.expm1(safe) / safe))


def _discounted_time(s: ArrayLike, B: FloatArray, discount: float, end: float) -> FloatArray:
    """∫ e^(-δt) (B / (B + t))^s dt from 0 to `end`."""
    span = np.log1p(end / B)
    total = np.zeros_like(B)
    for node, weight in zip(*legendre(48), strict=True):
        u = span * node
        total = total + weight * span * B * np.exp(
            (1.0 - np.asarray(s)) * u - discount * B * np.expm1(u)
        )
    return total


def _objective(data: Purchases) -> Objective:
    def value(theta: FloatArray) -> float:
        model = ParetoNBD(*(float(v) for v in np.exp(theta)))
        return float(data.weights @ model.log_likelihood(data))

    return numeric_objective(value)


def _starts(data: Purchases) -> list[FloatArray]:
    rate, span = _rate_and_span(data)
    shapes = [(0.5, 0.6, 1.0), (2.0, 2.0, 5.0), (0.3, 0.2, 0.3)]
    return [np.log([r, 0.7 * max(r / rate, 1e-3 * span), s, beta * span]) for r, s, beta in shapes]


def _bounds(data: Purchases) -> tuple[FloatArray, FloatArray]:
    _, span = _rate_and_span(data)
    low = np.log([1e-4, 1e-6 * span, 1e-5, 1e-6 * span])
    return low, np.log([1e4, 1e6 * span, 1e4, 1e6 * span])


def _rate_and_span(data: Purchases) -> tuple[float, float]:
    total = float(data.weights @ data.T)
    span = total / data.n if total > 0 else 1.0
    return max(float(data.weights @ data.x), 0.5) / (span * data.n), span
