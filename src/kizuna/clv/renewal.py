"""Survival when each contract has its own churn probability, beta-distributed across contracts.

The shifted-beta-geometric and the beta-discrete-Weibull share these: they differ only in how fast
their clock runs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from kizuna.clv.data import FloatArray
from kizuna.clv.special import log_rising

type LogAlive = Callable[[FloatArray], FloatArray]

HEAD = 64
"""Periods that are summed one by one; later ones by the Euler-Maclaurin formula."""
STEP = 0.25
CHUNK = 2**18


def log_survival(alpha: ArrayLike, beta: ArrayLike, time: ArrayLike) -> FloatArray:
    """Log of E[(1 - θ)^time] for θ ~ Beta(alpha, beta), i.e. of B(α, β + t) / B(α, β).

    The formula is symmetric in alpha and time, so the smaller one is made the exponent: a time of
    10⁹ periods then costs no digits.
    """
    short, long = np.minimum(alpha, time), np.maximum(alpha, time)
    return log_rising(beta, short) - log_rising(np.add(beta, long), short)


def lifetime(log_alive: LogAlive, *, discount: float, horizon: int | None) -> FloatArray:
    """Sum exp(log_alive(t)) / (1 + discount)^t over t = 0, 1, … (`horizon` terms; None: no end).

    `log_alive` maps times of shape (k,) to log-probabilities of shape (…, k). Without end the
    discount must be positive; see `endless_lifetime`.
    """
    if horizon is None:
        times, weights = _endless_rule(np.log(40.0 / discount))
    else:
        times, weights = np.arange(float(horizon)), np.ones(int(horizon))
    return _weigh(log_alive, times, weights * np.exp(-times * np.log1p(discount)))


def endless_lifetime(log_alive: LogAlive, decay: FloatArray, last: float) -> FloatArray:
    """Sum exp(log_alive(t)) over t = 0, 1, … without end and discount; infinite for decay ≤ 1.

    From exp(last) on, the probability must fall as t^-decay: the rest is a geometric series.
    """
    times, weights = _endless_rule(last)
    finite = decay > 1
    rest = weights[-1] / np.expm1(STEP * np.where(finite, decay - 1.0, 1.0))
    total = _weigh(log_alive, times, weights) + rest * np.exp(log_alive(times[-1:]))[..., 0]
    return np.where(finite, total, np.inf)


def check_terms(discount: float, horizon: int | None) -> None:
    """Refuse a discount or horizon that has no meaning."""
    if not 0 <= discount < np.inf:
        raise ValueError(f"discount: {discount} must be a finite rate per period ≥ 0")
    if horizon is not None and (horizon < 0 or horizon != int(horizon)):
        raise ValueError(f"horizon: {horizon} must be a whole number of periods ≥ 0, or None")


def _weigh(log_alive: LogAlive, times: FloatArray, weights: FloatArray) -> FloatArray:
    """Sum weights · exp(log_alive(times)), with at most about `CHUNK` values in memory."""
    step = max(1, CHUNK // max(1, np.size(log_alive(np.zeros(1)))))
    total: FloatArray = np.zeros(())
    for i in range(0, len(times), step):
        part = slice(i, i + step)
        total = total + np.exp(log_alive(times[part])) @ weights[part]
    return total


def _endless_rule(last: float) -> tuple[FloatArray, FloatArray]:
    """Times up to exp(last) and weights of Σ f(t): a head of terms, Euler-Maclaurin for the tail.

    The tail integral is taken by the trapezoid rule in log(t - HEAD), which converges
    geometrically; the derivatives at HEAD by central differences.
    """
    y = np.arange(-32.0, max(last, 0.0) + STEP, STEP)
    near = HEAD + np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    first, third = np.array([1, -8, 0, 8, -1]) / 6.0, np.array([-1, 2, 0, -2, 1]) * 4.0
    end = np.array([0, 0, 0.5, 0, 0]) - first / 12.0 + third / 720.0
    times = np.concatenate([np.arange(float(HEAD)), near, HEAD + np.exp(y)])
    return times, np.concatenate([np.ones(HEAD), end, STEP * np.exp(y)])
