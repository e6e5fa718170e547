"""What BG/NBD and MBG/NBD share: buying at a gamma rate, a beta-distributed chance of dropout.

λ ~ Gamma(r, alpha) is the purchase rate, p ~ Beta(a, b) the chance of leaving at each opportunity.
A customer seen alive at T had x + `first` opportunities: the BG/NBD gives none at the first
purchase (`first` = 0), the MBG/NBD one (`first` = 1). Given alive at T, λ ~ Gamma(r + x, alpha + T)
and p ~ Beta(a, b + x + first) are independent, whatever t_x was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc

from kizuna.clv.data import FloatArray, Purchases, distinct
from kizuna.clv.fitting import Objective
from kizuna.clv.special import (
    beta_rule,
    cuts,
    in_logs,
    legendre,
    log_beta_ratio,
    log_rising,
    survivors,
)


class BetaGeometric(Protocol):
    """Parameters that both models have."""

    @property
    def r(self) -> float: ...
    @property
    def alpha(self) -> float: ...
    @property
    def a(self) -> float: ...
    @property
    def b(self) -> float: ...


def log_odds_dead(model: BetaGeometric, data: Purchases, first: int) -> FloatArray:
    """Log of P(dead) / P(alive) at T, given the history; -inf where dropout was impossible."""
    possible = data.x + first > 0
    trials = np.where(possible, data.x + first - 1.0, 0.0)
    fade = (model.r + data.x) * np.log((model.alpha + data.T) / (model.alpha + data.t_x))
    odds: FloatArray = np.where(possible, fade + np.log(model.a / (model.b + trials)), -np.inf)
    return odds


def log_likelihood(model: BetaGeometric, data: Purchases, first: int) -> FloatArray:
    """Log-likelihood of each row: buying, staying, and not dying at the last opportunity."""
    buying = log_rising(model.r, data.x) + model.r * np.log(model.alpha)
    silence = (model.r + data.x) * np.log(model.alpha + data.T)
    staying = log_beta_ratio(model.a, model.b, data.x + first)
    return buying - silence + staying + np.logaddexp(0.0, log_odds_dead(model, data, first))


def expected_while_alive(n: FloatArray, A: FloatArray, p: FloatArray, t: FloatArray) -> FloatArray:
    """E[purchases in t | p] = (1 - (1 + p t / A)^-n) / p for λ ~ Gamma(n, A)."""
    safe = np.where(p > 0, p, 1.0)
    return np.where(p > 0, -np.expm1(-n * np.log1p(p * t / A)) / safe, n * t / A)


def expected_purchases_alive(
    model: BetaGeometric, data: Purchases, horizon: ArrayLike, first: int
) -> FloatArray:
    """E[purchases in (T, T + horizon] | alive at T], on distinct (x, T)."""
    t = np.asarray(horizon, np.float64)
    if t.ndim:
        rows, back = np.arange(len(data)), slice(None)
    else:
        rows, back = distinct(data.x, data.T)
    x, T = data.x[rows], data.T[rows]
    n, A = model.r + x, model.alpha + T
    p, w = beta_rule(model.a, model.b + x + first, n * t / A)
    value = expected_while_alive(n[..., None], A[..., None], p, t[..., None])
    return (w * value).sum(-1)[..., back]


def discounted_alive(
    model: BetaGeometric, data: Purchases, discount: float, horizon: float | None, first: int
) -> FloatArray:
    """Discounted purchases after T given alive at T: e^(-δH) M(H) + δ ∫ e^(-δt) M(t) dt."""
    if discount == 0.0:
        return _undiscounted(model, data, horizon, first)
    rows, back = distinct(data.x, data.T)
    x, T = data.x[rows], data.T[rows]
    n, A = model.r + x, model.alpha + T
    end = min(np.inf if horizon is None else horizon, 45.0 / discount)
    p, w = beta_rule(model.a, model.b + x + first, n * end / A)
    span = np.log1p(end / A)
    total = np.exp(-discount * end) * _mean(n, A, p, w, np.full_like(A, end))
    for node, weight in zip(*legendre(40), strict=True):
        t = A * np.expm1(span * node)
        measure = weight * span * (A + t) * discount * np.exp(-discount * t)
        total = total + measure * _mean(n, A, p, w, t)
    return total[..., back]


def _mean(n: FloatArray, A: FloatArray, p: FloatArray, w: FloatArray, t: FloatArray) -> FloatArray:
    value = expected_while_alive(n[..., None], A[..., None], p, t[..., None])
    mean: FloatArray = (w * value).sum(-1)
    return mean


def _undiscounted(
    model: BetaGeometric, data: Purchases, horizon: float | None, first: int
) -> FloatArray:
    if horizon is None:
        raise ValueError("discounted_purchases: without a horizon, discount must be positive")
    return expected_purchases_alive(model, data, horizon, first)


def p_at_least_alive(
    model: BetaGeometric, count: ArrayLike, data: Purchases, horizon: float, first: int
) -> FloatArray:
    """P(≥ k purchases in (T, T + horizon] | alive): enough arrivals, k - 1 times not leaving."""
    k = np.asarray(count, np.float64)
    share = horizon / (model.alpha + data.T + horizon)
    arrivals = betainc(np.maximum(k, 1.0), model.r + data.x, share)
    stays = log_beta_ratio(model.a, model.b + data.x + first, np.maximum(k - 1.0, 0.0))
    return np.where(k <= 0, 1.0, arrivals * np.exp(stays))


def objective(data: Purchases, first: int) -> Objective:
    """Build the log-likelihood with gradient and Hessian in log(r, alpha, a, b).

    Rows that cannot have dropped out enter only through T. The others go block by block, small
    enough for the cache; what depends on x alone is summed over its histogram.
    """
    counts = _Counts.of(data, first)
    rows = data.take(np.flatnonzero(data.x + first > 0))
    blocks = [_Block.of(rows.take(part), first) for part in cuts(len(rows))]

    def value(theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        parameters = np.exp(theta)
        total, gradient, hessian = counts.derivatives(*parameters)
        for block in blocks:
            block.add(parameters, total, gradient, hessian)
        return in_logs(float(total[0]), gradient, hessian)

    return value


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """The part of the likelihood that needs t_x of nobody, in counts of customers.

    repeat[i], stay[i]: customers with more than i repeat purchases, dropout opportunities.
    """

    repeat: FloatArray
    stay: FloatArray
    T: FloatArray
    weight: FloatArray
    bought: FloatArray

    @classmethod
    def of(cls, data: Purchases, first: int) -> Self:
        w = data.weights
        row, at = distinct(data.T)
        weight = np.bincount(at, weights=w)
        bought = np.bincount(at, weights=w * data.x)
        repeat, stay = survivors(data.x, w), survivors(data.x + first, w)
        return cls(repeat, stay, data.T[row], weight, bought)

    def derivatives(
        self, r: float, alpha: float, a: float, b: float
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Value, gradient and p_i p_j d²/dp_i dp_j of buying and staying."""
        g, H = np.zeros(4), np.zeros((4, 4))
        i, j = r + np.arange(len(self.repeat)), b + np.arange(len(self.stay))
        n, late = r * self.weight + self.bought, alpha / (alpha + self.T)
        silence = np.log1p(self.T / alpha)
        total = self.repeat @ np.log(i) - n @ silence - self.bought.sum() * np.log(alpha)
        total -= self.stay @ np.log1p(a / j)
        g[:2] = (
            r * (self.repeat @ (1 / i) - self.weight @ silence),
            r * self.weight.sum() - n @ late,
        )
        g[2:] = -(self.stay @ (a / (a + j))), self.stay @ (a * b / (j * (a + j)))
        H[0, 0] = -(self.repeat @ (r / i) ** 2)
        H[0, 1] = H[1, 0] = r * (self.weight @ (1 - late))
        H[1, 1] = n @ late**2 - r * self.weight.sum()
        H[2, 2] = self.stay @ (a / (a + j)) ** 2
        H[2, 3] = H[3, 2] = self.stay @ (a * b / (a + j) ** 2)
        H[3, 3] = -(self.stay @ (a * (a + 2 * j) * (b / (j * (a + j))) ** 2))
        return np.array([total]), g, H


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Rows that may have dropped out: log(1 + P(dead) / P(alive)) summed over them."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    weight: FloatArray
    trials: NDArray[np.intp]

    @classmethod
    def of(cls, rows: Purchases, first: int) -> Self:
        trials = (rows.x + (first - 1)).astype(np.intp)
        return cls(rows.x, rows.t_x, rows.T, rows.weights, trials)

    def add(self, parameters: FloatArray, total: FloatArray, g: FloatArray, H: FloatArray) -> None:
        """Add value, gradient and p_i p_j d²/dp_i dp_j of this block to the totals."""
        r, alpha, a, b = parameters
        early, late = alpha / (alpha + self.t_x), alpha / (alpha + self.T)
        trials = b + np.arange(self.trials.max() + 1)
        n, fade, share = r + self.x, np.log(early / late), (b / trials)[self.trials]
        odds = n * fade + np.log(a / trials)[self.trials]
        small = np.exp(-np.abs(odds))
        dead = np.where(odds > 0, 1.0, small) / (1.0 + small)
        w = self.weight * dead
        n_gap = n * (late - early)
        D = np.stack([r * fade, n_gap, np.ones_like(n), -share])
        total += self.weight @ (np.maximum(odds, 0.0) + np.log1p(small))
        g += D @ w
        H += (D * (w * (1.0 - dead))) @ D.T
        cross = r * (w @ (late - early))
        H[0, 1] += cross
        H[1, 0] += cross
        H[1, 1] -= w @ (n_gap * (late + early))
        H[2, 2] -= w.sum()
        H[3, 3] += w @ share**2


def starts(data: Purchases) -> list[FloatArray]:
    """Log-parameters to start from: rates as seen, with little, some and much dropout."""
    rate, span = _rate_and_span(data)
    shapes = [(0.5, 0.8, 2.5), (0.3, 0.2, 1.0), (2.0, 1.0, 10.0), (0.5, 0.3, 0.3)]
    return [np.log([r, max(r / rate, 1e-3 * span) * 0.7, a, b]) for r, a, b in shapes]


def bounds(data: Purchases) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest log-parameters; alpha relative to the length of observation."""
    _, span = _rate_and_span(data)
    low = np.log([1e-4, 1e-6 * span, 1e-4, 1e-4])
    high = np.log([1e4, 1e6 * span, 1e4, 1e6])
    return low, high


def _rate_and_span(data: Purchases) -> tuple[float, float]:
    total = float(data.weights @ data.T)
    span = total / data.n if total > 0 else 1.0
    return max(float(data.weights @ data.x), 0.5) / (span * data.n), span
