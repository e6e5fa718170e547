"""What BG/NBD and MBG/NBD share: buying at a gamma rate, a beta-distributed chance of dropout.

λ ~ Gamma(r, alpha) is the purchase rate, p ~ Beta(a, b) the chance of leaving at each opportunity.
A customer seen alive at T had x + `first` opportunities: the BG/NBD gives none at the first
purchase (`first` = 0), the MBG/NBD one (`first` = 1). Given alive at T, λ ~ Gamma(r + x, alpha + T)
and p ~ Beta(a, b + x + first) are independent, whatever t_x was.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from kizuna.clv.data import FloatArray, Purchases, distinct
from kizuna.clv.fitting import Objective
from kizuna.clv.special import beta_rule, legendre, log_beta_ratio, log_rising


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
    """Build the log-likelihood with gradient and Hessian in log(r, alpha, a, b)."""
    w, x, T = data.weights, data.x, data.T
    dying = x + first > 0
    wd, xd, td, Td = w[dying], x[dying], data.t_x[dying], T[dying]
    repeat, stay = survivors(x, w), survivors(x + first, w)
    n = w.sum()

    def value(theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        r, alpha, a, b = np.exp(theta)
        i, j = r + np.arange(len(repeat)), b + np.arange(len(stay))
        LT, inv = np.log(alpha + T), 1.0 / (alpha + T)
        total = (
            repeat @ np.log(i) + n * r * np.log(alpha) - w @ ((r + x) * LT) - stay @ np.log1p(a / j)
        )
        g = np.array(
            [
                repeat @ (1 / i) + n * np.log(alpha) - w @ LT,
                n * r / alpha - w @ ((r + x) * inv),
                -(stay @ (1 / (a + j))),
                stay @ (a / (j * (a + j))),
            ]
        )
        H = np.zeros((4, 4))
        H[0, 0] = -(repeat @ (1 / i**2))
        H[0, 1] = H[1, 0] = n / alpha - w @ inv
        H[1, 1] = -n * r / alpha**2 + w @ ((r + x) * inv**2)
        H[2, 2] = H[2, 3] = H[3, 2] = stay @ (1 / (a + j) ** 2)
        H[3, 3] = stay @ (1 / (a + j) ** 2 - 1 / j**2)
        d = np.log((alpha + Td) / (alpha + td))
        gap = 1 / (alpha + Td) - 1 / (alpha + td)
        gap2 = -1 / (alpha + Td) ** 2 + 1 / (alpha + td) ** 2
        m = b + xd + first - 1.0
        odds = (r + xd) * d + np.log(a) - np.log(m)
        q = np.logaddexp(0.0, odds)
        s = np.exp(odds - q)
        D = np.stack([d, (r + xd) * gap, np.full_like(d, 1 / a), -1 / m])
        total += wd @ q
        g += D @ (wd * s)
        H += (D * (wd * s * (1 - s))) @ D.T
        H[0, 1] += wd @ (s * gap)
        H[1, 0] += wd @ (s * gap)
        H[1, 1] += wd @ (s * (r + xd) * gap2)
        H[2, 2] -= wd @ s / a**2
        H[3, 3] += wd @ (s / m**2)
        return in_logs(np.exp(theta), float(total), g, H)

    return value


def in_logs(
    parameters: FloatArray, value: float, gradient: FloatArray, hessian: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Turn derivatives in the parameters into derivatives in their logarithms."""
    slope = parameters * gradient
    return value, slope, hessian * np.outer(parameters, parameters) + np.diag(slope)


def survivors(x: FloatArray, weight: FloatArray) -> FloatArray:
    """Count customers with more than i events, for i = 0, 1, …; shape (max x,)."""
    counts = np.bincount(x.astype(np.intp), weights=weight)
    alive: FloatArray = counts[::-1].cumsum()[::-1][1:]
    return alive


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
