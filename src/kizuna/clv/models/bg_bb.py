"""BG/BB: buying or not at each of a series of opportunities, until leaving for good.

For non-contractual behaviour in discrete time: a donation a year, a visit to a yearly show, any
purchase in a month. Before each opportunity a customer leaves with probability θ; while alive they
buy with probability p. Both differ between customers, beta-distributed and independent.

Assumptions: at most one purchase per opportunity; chances constant over time; no return.

Parameters: alpha, beta: shapes of the purchase probability; gamma, delta: shapes of the
probability of leaving. None has a unit; time counts opportunities.

Source: Fader, Hardie and Shang (2010), "Customer-Base Analysis in a Discrete-Time Noncontractual
Setting", Marketing Science 29(6).

In `Purchases` t_x is the opportunity of the last purchase and T the number of opportunities so far.
Alive means: not left before opportunity T + 1, as in the paper's P(alive).

Limits: T and t_x must be whole and x ≤ t_x; many opportunities with rare purchases are better
served by a model in continuous time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from kizuna.clv import renewal
from kizuna.clv.data import FloatArray, Purchases, distinct
from kizuna.clv.fitting import Fit, Objective, maximum_likelihood
from kizuna.clv.special import cuts, log_beta_ratio, log_rising

STARTS = ((1.0, 1.0, 0.7, 3.0), (0.5, 2.0, 0.2, 1.0), (5.0, 20.0, 2.0, 20.0))
LOWEST, HIGHEST = 1e-4, 1e5
ROWS = 4096

type Index = NDArray[np.intp]

_NEW = Purchases(np.zeros(1), np.zeros(1), np.zeros(1))


@dataclass(frozen=True, slots=True)
class BGBB:
    """Beta-geometric / beta-Bernoulli model of purchases at opportunities.

    Parameters
    ----------
    alpha, beta : shapes of the purchase probability; mean = alpha / (alpha + beta).
    gamma, delta : shapes of the probability of leaving; mean = gamma / (gamma + delta).

    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    @classmethod
    def fit(cls, purchases: Purchases, *, start: Self | None = None) -> Fit[Self]:
        """Maximise the likelihood (eq. 5), over grouped rows."""
        _check(purchases)
        starts = [np.log(shapes) for shapes in STARTS]
        if start is not None:
            starts.insert(0, np.log([start.alpha, start.beta, start.gamma, start.delta]))
        bounds = np.log([LOWEST] * 4), np.log([HIGHEST] * 4)
        patterns = purchases.compress()
        return maximum_likelihood(cls, _objective, patterns, starts=starts, bounds=bounds)

    def log_likelihood(self, purchases: Purchases) -> FloatArray:
        """Log-likelihood of each row (eq. 5)."""
        left, alive = self._left_and_alive(purchases)
        x, t_x = purchases.x, purchases.t_x
        bought = log_rising(self.alpha, x) + log_rising(self.beta, t_x - x)
        bought = bought - log_rising(np.add(self.alpha, self.beta), t_x)
        return bought + log_beta_ratio(self.gamma, self.delta, t_x) + np.log(left + alive)

    def p_alive(self, purchases: Purchases) -> FloatArray:
        """Probability of not leaving before opportunity T + 1, given the history (eq. 11)."""
        _check(purchases)
        rows, index = distinct(*purchases.columns)
        patterns = purchases.take(rows)
        left, alive = self._left_and_alive(patterns)
        stays = (self.delta + patterns.T) / (self.gamma + self.delta + patterns.T)
        p: FloatArray = (stays * alive / (left + alive))[..., index]
        return p

    def expected_purchases(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Purchases expected at the next `horizon` opportunities, given the history (eq. 13)."""
        return self.p_alive(purchases) * self.expected_purchases_alive(purchases, horizon)

    def expected_purchases_alive(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Give `expected_purchases` of a customer alive at opportunity T + 1; ignores t_x.

        A fractional horizon counts its last opportunity in part.
        """
        h = np.asarray(horizon, np.float64)
        stays = self.delta + purchases.T + 1.0
        alive, total = np.ones(()), np.zeros(())
        for t in range(int(np.ceil(h.max(initial=0.0)))):
            total = total + alive * np.clip(h - t, 0.0, 1.0)
            alive = alive * (stays + t) / (self.gamma + stays + t)
        return self._p_buy(purchases) * total

    def expected_purchases_new(self, horizon: ArrayLike) -> FloatArray:
        """Purchases expected of a new customer at the first `horizon` opportunities (eq. 8)."""
        h = np.asarray(horizon, np.float64)
        new = _NEW.take(np.zeros(h.size, np.intp))
        value = self.expected_purchases(new, h.reshape(-1))
        return value.reshape((*value.shape[:-1], *h.shape))

    def discounted_purchases(
        self, purchases: Purchases, *, discount: float, horizon: float | None = None
    ) -> FloatArray:
        """Purchases expected after T, one at T + k worth (1 + discount)^-k (DERT).

        `discount` is a rate per opportunity; `horizon` None means without end, and is infinite
        without discount where gamma ≤ 1.
        """
        renewal.check_terms(discount, horizon)
        rows, index = distinct(purchases.T)
        stays = self.delta + purchases.T[rows] + 1.0
        total = renewal.geometric_lifetime(self.gamma, stays, 0, discount=discount, horizon=horizon)
        chance = self.p_alive(purchases) * self._p_buy(purchases)
        return chance * total[..., index] / (1.0 + discount)

    def p_at_least_alive(
        self, count: ArrayLike, purchases: Purchases, horizon: float
    ) -> FloatArray:
        """Probability of ≥ count purchases at the next `horizon` opportunities, given alive.

        Sums, over the opportunity t at which purchase number `count` may happen, the chance of
        being alive there times that of count - 1 purchases before.
        """
        k, stays = np.asarray(count, np.float64), self.delta + purchases.T + 1.0
        a, b = self.alpha + purchases.x, self.beta + purchases.T - purchases.x
        total = np.zeros(np.broadcast_shapes(np.shape(a), np.shape(stays), k.shape))
        for t in range(1, int(np.ceil(horizon)) + 1):
            misses = np.maximum(t - k, 0.0)
            ways = gammaln(t) - gammaln(np.maximum(k, 1.0)) - gammaln(misses + 1.0)
            bought = log_rising(a, k) + log_rising(b, misses) - log_rising(a + b, k + misses)
            alive = log_beta_ratio(self.gamma, stays, t - 1.0)
            part = min(1.0, horizon - t + 1.0)
            total = total + np.where(t >= k, part * np.exp(ways + bought + alive), 0.0)
        return np.where(k <= 0, 1.0, np.minimum(total, 1.0))

    def p_at_least(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of at least `count` purchases at the next `horizon` opportunities."""
        alive = self.p_at_least_alive(count, purchases, horizon)
        return np.where(np.asarray(count) <= 0, 1.0, self.p_alive(purchases) * alive)

    def p_exactly(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of exactly `count` purchases at the next `horizon` opportunities."""
        more = self.p_at_least(np.add(count, 1), purchases, horizon)
        return np.maximum(self.p_at_least(count, purchases, horizon) - more, 0.0)

    def _p_buy(self, purchases: Purchases) -> FloatArray:
        """Chance of buying at an opportunity, given the history of one alive at T."""
        chance: FloatArray = (self.alpha + purchases.x) / (self.alpha + self.beta + purchases.T)
        return chance

    def _left_and_alive(self, purchases: Purchases) -> tuple[FloatArray, FloatArray]:
        """Likelihood of having left before T, and of being alive at T, over that at t_x.

        Follows one customer from t_x on, opportunity by opportunity, through a silence.
        """
        x, t_x = purchases.x, purchases.t_x
        silence = purchases.T - t_x
        left, alive = np.zeros(()), np.ones(())
        for i in range(int(silence.max(initial=0.0))):
            t = t_x + i
            leaving = self.gamma / (self.gamma + self.delta + t)
            missing = (self.beta + t - x) / (self.alpha + self.beta + t)
            left = np.where(i < silence, left + alive * leaving, left)
            alive = np.where(i < silence, alive * missing * (1.0 - leaving), alive)
        return left, alive


def _objective(purchases: Purchases) -> Objective:
    blocks = [_Paths.of(purchases.take(part)) for part in cuts(len(purchases), ROWS)]

    def value(theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        total, gradient, hessian = 0.0, np.zeros(4), np.zeros((4, 4))
        for block in blocks:
            part = block.derivatives(*np.exp(theta))
            total, gradient, hessian = total + part[0], gradient + part[1], hessian + part[2]
        return total, gradient, hessian

    return value


@dataclass(frozen=True, slots=True, eq=False)
class _Paths:
    """Ways in which rows may have come about: left before one opportunity, or alive at T.

    One entry a way: x, missed = t - x and t opportunities played, left = 1 or 0; the ways of a row
    lie together, from `first` on. `weight` belongs to rows.
    """

    x: Index
    missed: Index
    t: Index
    left: Index
    first: Index
    row: Index
    weight: FloatArray

    @classmethod
    def of(cls, rows: Purchases) -> Self:
        x, t_x, T = (c.astype(np.intp) for c in rows.columns)
        ways = T - t_x + 1
        first = np.cumsum(ways) - ways
        row = np.repeat(np.arange(len(rows)), ways)
        t = t_x[row] + np.arange(len(row)) - first[row]
        return cls(x[row], t - x[row], t, (t < T[row]) * 1, first, row, rows.weights)

    def derivatives(
        self, alpha: float, beta: float, gamma: float, delta: float
    ) -> tuple[float, FloatArray, FloatArray]:
        """Log-likelihood, gradient and Hessian in log-parameters.

        A way has the likelihood of rising factorials; a row sums over its ways, so its slopes are
        means, and its curvature a mean plus a covariance, over the ways by their posterior.
        """
        end = int(self.t.max(initial=0)) + 2
        shapes = (alpha, beta, alpha + beta, delta, gamma + delta)
        counts = (self.x, self.missed, self.t, self.t, self.t + self.left)
        (a0, a1, a2), (b0, b1, b2), (c0, c1, c2), (d0, d1, d2), (e0, e1, e2) = (
            [table[count] for table in _rising_tables(shape, end)]
            for shape, count in zip(shapes, counts, strict=True)
        )
        way = a0 + b0 - c0 + d0 - e0 + self.left * np.log(gamma)
        row_value, posterior = self._posterior(way)
        slopes = np.stack(
            [alpha * (a1 - c1), beta * (b1 - c1), self.left - gamma * e1, delta * (d1 - e1)]
        )
        w = self.weight[self.row] * posterior
        mean = np.add.reduceat(slopes * posterior, self.first, axis=1)
        buying = [alpha**2 * (w @ (a2 - c2)), beta**2 * (w @ (b2 - c2)), -alpha * beta * (w @ c2)]
        leaving = [-(gamma**2) * (w @ e2), delta**2 * (w @ (d2 - e2)), -gamma * delta * (w @ e2)]
        hessian = (slopes * w) @ slopes.T - (mean * self.weight) @ mean.T
        gradient = slopes @ w
        hessian[:2, :2] += [[buying[0], buying[2]], [buying[2], buying[1]]]
        hessian[2:, 2:] += [[leaving[0], leaving[2]], [leaving[2], leaving[1]]]
        hessian += np.diag(gradient - [0.0, 0.0, w @ self.left, 0.0])
        return float(self.weight @ row_value), gradient, hessian

    def _posterior(self, way: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log-likelihood of each row, and the probability of each way given its row."""
        top = np.maximum.reduceat(way, self.first)
        likelihood = np.exp(way - top[self.row])
        total = np.add.reduceat(likelihood, self.first)
        return top + np.log(total), likelihood / total[self.row]


def _rising_tables(shape: float, end: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log of the rising factorial of `shape` over 0, 1, … steps, and its two derivatives."""
    factor = shape + np.arange(end)
    steps = (np.log(factor), 1.0 / factor, -1.0 / factor**2)
    log, first, second = (np.concatenate([[0.0], np.cumsum(s)]) for s in steps)
    return log, first, second


def _check(purchases: Purchases) -> None:
    for name in ("t_x", "T"):
        column: FloatArray = getattr(purchases, name)
        _refuse(name, column != np.floor(column), "must count whole opportunities")
    _refuse("x", purchases.x > purchases.t_x, "must not exceed t_x: one purchase an opportunity")


def _refuse(name: str, bad: NDArray[np.bool_], rule: str) -> None:
    if bad.any():
        raise ValueError(f"Purchases.{name}, row {int(np.argmax(bad))}: BGBB {rule}")
