"""What BG/NBD and MBG/NBD share: buying at a gamma rate, a beta-distributed chance of dropout.

λ ~ Gamma(r, alpha) is the purchase rate, p ~ Beta(a, b) the chance of leaving at each opportunity.
A customer seen alive at T had x + `first` opportunities: the BG/NBD gives none at the first
purchase (`first` = 0), the MBG/NBD one (`first` = 1). Given alive at T, λ ~ Gamma(r + x, alpha + T)
and p ~ Beta(a, b + x + first) are independent, whatever t_x was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc

from kizuna.clv.data import FloatArray, Purchases, distinct
from kizuna.clv.fitting import Objective
from kizuna.clv.interpolation import smooth_in_log
from kizuna.clv.special import (
    beta_rule,
    cuts,
    in_logs,
    legendre,
    log_beta_ratio,
    log_rising,
    points_for,
    softplus_and_slope,
    steps,
)

type Index = NDArray[np.intp]
type Value = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
"""A quantity given (n, A, p), where λ ~ Gamma(n, A)."""


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
    return np.asarray(np.where(possible, fade + np.log(model.a / (model.b + trials)), -np.inf))


def log_likelihood(model: BetaGeometric, data: Purchases, first: int) -> FloatArray:
    """Log-likelihood of each row: buying, staying, and not dying at the last opportunity."""
    buying = log_rising(model.r, data.x) + model.r * np.log(model.alpha)
    silence = (model.r + data.x) * np.log(model.alpha + data.T)
    staying = log_beta_ratio(model.a, model.b, data.x + first)
    dying = np.logaddexp(0.0, log_odds_dead(model, data, first))
    return np.asarray(buying - silence + staying + dying)


def expected_while_alive(
    n: FloatArray, A: FloatArray, p: FloatArray, t: FloatArray | float
) -> FloatArray:
    """E[purchases in t | p] = (1 - (1 + p t / A)^-n) / p for λ ~ Gamma(n, A)."""
    p = np.maximum(p, 1e-200)
    return np.asarray(-np.expm1(-n * np.log1p(p * (t / A))) / p)


def expected_purchases_alive(
    model: BetaGeometric, data: Purchases, horizon: ArrayLike, first: int
) -> FloatArray:
    """E[purchases in (T, T + horizon] | alive at T]; horizon may differ from row to row."""
    t = np.asarray(horizon, np.float64)
    if len(data) == 0:
        return np.zeros_like(model.r + data.x)
    if t.ndim == 0:
        return _mean(model, data, float(t), first, partial(expected_while_alive, t=float(t)))
    rules = _Rules.of(model, data, float(t.max()), first)
    each = np.broadcast_to(t, (*t.shape[:-1], len(data)))
    parts = [
        rules.mean(rules.group[c], data.T[c], partial(expected_while_alive, t=each[..., c, None]))
        for c in cuts(len(data), rules.rows_at_once)
    ]
    return np.concatenate(parts, axis=-1)


def discounted_alive(
    model: BetaGeometric, data: Purchases, discount: float, horizon: float | None, first: int
) -> FloatArray:
    """Discounted purchases after T given alive at T: e^(-δH) M(H) + δ ∫ e^(-δt) M(t) dt."""
    if discount <= 0.0 and horizon is None:
        raise ValueError("discounted_purchases: without a horizon, discount must be positive")
    if discount == 0.0:
        return expected_purchases_alive(model, data, horizon or 0.0, first)
    end = min(np.inf if horizon is None else horizon, 45.0 / discount)

    def value(n: FloatArray, A: FloatArray, p: FloatArray) -> FloatArray:
        span = np.log1p(end / A)
        total = np.asarray(np.exp(-discount * end) * expected_while_alive(n, A, p, end))
        for node, weight in zip(*legendre(points_for(span.max() / 2.0, 15.0) + 4), strict=True):
            t = A * np.expm1(span * node)
            density = discount * np.exp(-discount * t) * (A + t) * span * weight
            total = total + density * expected_while_alive(n, A, p, t)
        return total

    return _mean(model, data, end, first, value)


def _mean(
    model: BetaGeometric, data: Purchases, horizon: float, first: int, value: Value
) -> FloatArray:
    """E[value(n, A, p)] over p for each row, with n = r + x and A = alpha + T; smooth in log A."""
    if len(data) == 0:
        return np.zeros_like(model.r + data.x)
    rules = _Rules.of(model, data, horizon, first)

    def mean(at: Index, T: FloatArray) -> FloatArray:
        parts = [rules.mean(at[c], T[c], value) for c in cuts(len(at), rules.rows_at_once)]
        return np.concatenate(parts, axis=-1)

    return smooth_in_log(mean, rules.group, data.T, float(np.min(model.alpha)))


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    """One quadrature rule over p for each distinct x; group: which of them a row needs."""

    model: BetaGeometric
    x: FloatArray
    group: Index
    p: FloatArray
    w: FloatArray

    @classmethod
    def of(cls, model: BetaGeometric, data: Purchases, horizon: float, first: int) -> Self:
        row, group = distinct(data.x)
        x = data.x[row]
        scale = (model.r + x) * horizon / (model.alpha + data.T.min())
        return cls(model, x, group, *beta_rule(model.a, model.b + x + first, scale))

    @property
    def rows_at_once(self) -> int:
        """Rows whose values fit into the cache, for all draws and nodes."""
        return max(1, 2**18 * len(self.x) // self.p.size)

    def mean(self, at: Index, T: FloatArray, value: Value) -> FloatArray:
        """Average value(n, A, p) over p for rows of group `at` and age T."""
        n, A = np.asarray(self.model.r + self.x[at]), np.asarray(self.model.alpha + T)
        values = value(n[..., None], A[..., None], self.p[..., at, :])
        return np.asarray((self.w[..., at, :] * values).sum(-1))


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
    enough for the cache; what depends on x alone is computed on distinct x and looked up.
    """
    counts = _Counts.of(data, first)
    rows = data.take(np.flatnonzero(data.x + first > 0))
    row, at = distinct(rows.x)
    trials = rows.x[row] + (first - 1.0)
    blocks = [_Block.of(rows.take(cut), at[cut]) for cut in cuts(len(rows))]

    def value(theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        r, alpha, a, b = np.exp(theta)
        total, gradient, hessian = counts.derivatives(r, alpha, a, b)
        odds, share = np.log(a / (b + trials)), b / (b + trials)
        for block in blocks:
            total += block.add(r, alpha, odds, share, gradient, hessian)
        return in_logs(total, gradient, hessian)

    return value


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """The part of the likelihood that needs t_x of nobody, in counts of customers.

    repeat, stay: counts of customers at the steps `bought` and `stayed`; see `steps`.
    """

    repeat: FloatArray
    bought: FloatArray
    stay: FloatArray
    stayed: FloatArray
    T: FloatArray
    weight: FloatArray
    x: FloatArray

    @classmethod
    def of(cls, data: Purchases, first: int) -> Self:
        w = data.weights
        row, at = distinct(data.T)
        weight, x = (np.bincount(at, weights=v) for v in (w, w * data.x))
        bought, repeat = steps(data.x, w)
        stayed, stay = steps(data.x + first, w)
        return cls(repeat, bought, stay, stayed, data.T[row], weight, x)

    def derivatives(
        self, r: float, alpha: float, a: float, b: float
    ) -> tuple[float, FloatArray, FloatArray]:
        """Value, p_i d/dp_i and p_i p_j d²/dp_i dp_j of buying and staying."""
        g, H = np.zeros(4), np.zeros((4, 4))
        i, j = r + self.bought, b + self.stayed
        n, late, customers = r * self.weight + self.x, alpha / (alpha + self.T), self.weight.sum()
        silence = np.log1p(self.T / alpha)
        total = self.repeat @ np.log(i) - n @ silence - self.x.sum() * np.log(alpha)
        g[:2] = r * (self.repeat @ (1 / i) - self.weight @ silence), r * customers - n @ late
        g[2:] = -(self.stay @ (a / (a + j))), self.stay @ (a * b / (j * (a + j)))
        H[0, 0] = -(self.repeat @ (r / i) ** 2)
        H[0, 1] = H[1, 0] = r * (self.weight @ (1 - late))
        H[1, 1] = n @ late**2 - r * customers
        H[2, 2] = self.stay @ (a / (a + j)) ** 2
        H[2, 3] = H[3, 2] = self.stay @ (a * b / (a + j) ** 2)
        H[3, 3] = -(self.stay @ (a * (a + 2 * j) * (b / (j * (a + j))) ** 2))
        return float(total - self.stay @ np.log1p(a / j)), g, H


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Rows that may have dropped out: log(1 + P(dead) / P(alive)) summed over them."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    weight: FloatArray
    at: Index

    @classmethod
    def of(cls, rows: Purchases, at: Index) -> Self:
        return cls(rows.x, rows.t_x, rows.T, rows.weights, at)

    def add(
        self,
        r: float,
        alpha: float,
        odds: FloatArray,
        share: FloatArray,
        g: FloatArray,
        H: FloatArray,
    ) -> float:
        """Add p_i d/dp_i and p_i p_j d²/dp_i dp_j of this block to g and H; return its value."""
        early, late = alpha / (alpha + self.t_x), alpha / (alpha + self.T)
        n, fade = r + self.x, np.log(early / late)
        value, dead = softplus_and_slope(n * fade + odds[self.at])
        w, n_gap, left = self.weight * dead, n * (late - early), share[self.at]
        D = np.stack([r * fade, n_gap, np.ones_like(n), -left])
        g += D @ w
        H += (D * (w * (1.0 - dead))) @ D.T
        cross = r * (w @ (late - early))
        H[0, 1] += cross
        H[1, 0] += cross
        H[1, 1] -= w @ (n_gap * (late + early))
        H[2, 2] -= w.sum()
        H[3, 3] += w @ left**2
        return float(self.weight @ value)


def starts(data: Purchases) -> list[FloatArray]:
    """Log-parameters to start from: rates as seen, with little, some and much dropout."""
    rate, span = data.rate_and_span()
    shapes = [(0.5, 0.8, 2.5), (0.3, 0.2, 1.0), (2.0, 1.0, 10.0), (0.5, 0.3, 0.3)]
    return [np.log([r, max(r / rate, 1e-3 * span) * 0.7, a, b]) for r, a, b in shapes]


def bounds(data: Purchases) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest log-parameters; alpha relative to the length of observation."""
    _, span = data.rate_and_span()
    low = np.log([1e-4, 1e-6 * span, 1e-4, 1e-4])
    high = np.log([1e4, 1e6 * span, 1e4, 1e6])
    return low, high
