"""Survival when everyone has an own chance of leaving each period, beta-distributed.

The shifted-beta-geometric, the beta-discrete-Weibull and the BG/BB share these.
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


def geometric_lifetime(
    alpha: ArrayLike, beta: ArrayLike, first: int, *, discount: float, horizon: float | None
) -> FloatArray:
    """Discounted sum of survival over periods `first` (0 or 1), first + 1, …; broadcasts.

    The first term is not discounted. Without end and discount: infinite for alpha ≤ 1.
    """
    alpha, beta = np.broadcast_arrays(np.asarray(alpha, np.float64), np.asarray(beta, np.float64))
    if discount == 0 and horizon is None:
        finite = alpha > 1
        later = beta / np.where(finite, alpha - 1.0, 1.0)
        return np.where(finite, later + 1.0 - first, np.inf)
    return lifetime(
        lambda t: log_survival(alpha[..., None], beta[..., None], first + t),
        discount=discount,
        horizon=horizon,
    )


def lifetime(log_alive: LogAlive, *, discount: float, horizon: float | None) -> FloatArray:
    """Sum exp(log_alive(t)) / (1 + discount)^t over t = 0, 1, … (`horizon` terms; None: no end).

    `log_alive` maps times of shape (k,) to log-probabilities of shape (…, k). The last term of a
    fractional horizon counts in part. Without end the discount must be positive; see
    `endless_lifetime`.
    """
    if horizon is None:
        times, weights = _endless_rule(np.log(40.0 / discount))
    else:
        times = np.arange(float(np.ceil(horizon)))
        weights = np.clip(horizon - times, 0.0, 1.0)
    return _weigh(log_alive, times, weights * np.exp(-times * np.log1p(discount)))


def endless_lifetime(log_alive: LogAlive, decay: FloatArray, last: float) -> FloatArray:
    """Sum exp(log_alive(t)) over t = 0, 1, … without end and discount; infinite for decay ≤ 1.

    From exp(last) on, the probability must fall as t^-decay: the rest is a geometric series.
    """
    times, weights = _endless_rule(last)
    finite = decay > 1
    rest = weights[-1] / np.expm1(STEP * np.where(finite, np.minimum(decay - 1.0, 1e3), 1.0))
    total = _weigh(log_alive, times, weights) + rest * np.exp(log_alive(times[-1:]))[..., 0]
    return np.where(finite, total, np.inf)


def check_terms(discount: float, horizon: float | None) -> None:
    """Refuse a discount or horizon that has no meaning."""
    if not 0 <= discount < np.inf:
        raise ValueError(f"discount: {discount} must be a finite rate per period ≥ 0")
    if horizon is not None and not 0 <= horizon < np.inf:
        raise ValueError(f"horizon: {horizon} must be a number of periods ≥ 0, or None")


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
