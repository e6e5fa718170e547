"""Special functions in forms that neither cancel nor overflow.

The textbook formulas of these models subtract huge logarithms of gamma functions and divide by
hypergeometric functions near a pole. Here everything is a sum of positive terms, or a difference
that is harmless.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, gammaln

from kizuna.clv.data import FloatArray

STIRLING_FROM = 1e3
FEW = 1 << 16
RULE_DROP = 30.0


def log_rising(z: ArrayLike, n: ArrayLike) -> FloatArray:
    """Log of the rising factorial, log Γ(z + n) - log Γ(z), for z > 0, n ≥ 0; broadcasts.

    The plain difference loses all digits as z grows; from `STIRLING_FROM` on, Stirling's series of
    both is subtracted term by term.
    """
    z, n = np.broadcast_arrays(np.asarray(z, np.float64), np.asarray(n, np.float64))
    large = np.maximum(z, STIRLING_FROM)
    series = (large - 0.5) * np.log1p(n / large) + n * (np.log(large + n) - 1.0)
    series = series - n / (12.0 * large * (large + n))
    plain = gammaln(z + n) - gammaln(z)
    result: FloatArray = np.where(z >= STIRLING_FROM, series, plain)
    return result


def log_beta_ratio(a: ArrayLike, b: ArrayLike, n: ArrayLike) -> FloatArray:
    """Log of B(a, b + n) / B(a, b), i.e. of E[(1 - p)^n] for p ~ Beta(a, b)."""
    return log_rising(b, n) - log_rising(np.add(a, b), n)


@cache
def legendre(n: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Legendre quadrature on [0, 1], each of shape (n,)."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return (nodes + 1.0) / 2.0, weights / 2.0


def log_beta(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Log of the beta function, with all digits when one argument is huge."""
    small, large = np.minimum(a, b), np.maximum(a, b)
    return np.asarray(gammaln(small) - log_rising(large, small))


def beta_rule(a: ArrayLike, b: ArrayLike, scale: ArrayLike = 0.0) -> tuple[FloatArray, FloatArray]:
    """Build nodes p and positive weights w with Σ w g(p) = E[g(p)] for p ~ Beta(a, b).

    The trapezoid rule in logit(p), which converges geometrically for every g that is analytic
    near (0, 1), with the mass left of the first and right of the last node placed at 0 and 1.
    `scale` is the largest |g'/g|: g varies on p ~ 1 / scale. Result shapes: broadcast + (nodes,).
    """
    a, b, scale = np.broadcast_arrays(
        *(np.asarray(v, np.float64)[..., None] for v in (a, b, scale))
    )
    low = _logit_fall(a + 1.0, b + 1.0, RULE_DROP + 2.0 * np.log1p(scale))
    high = -_logit_fall(b + 1.0, a + 1.0, np.full_like(b, RULE_DROP))
    count = int(np.ceil(((high - low) * _bandwidth(a, b)).max() / (2.0 * np.pi))) + 1
    step = (high - low) / (count - 1)
    u = low + step * np.arange(count)
    log_p, log_q = -_softplus(-u), -_softplus(u)
    p, q, w = np.exp(log_p), np.exp(log_q), step * np.exp(a * log_p + b * log_q - log_beta(a, b))
    w = np.where(np.minimum(a, b) > 40.0, w / w.sum(-1, keepdims=True), w)
    at_0 = np.maximum(b / (a + b) - (w * q).sum(-1, keepdims=True), 0.0)
    at_1 = np.maximum(a / (a + b) - (w * p).sum(-1, keepdims=True), 0.0)
    nodes = np.concatenate([np.zeros_like(at_0), p, np.ones_like(at_1)], axis=-1)
    return nodes, np.concatenate([at_0, w, at_1], axis=-1)


def _bandwidth(a: FloatArray, b: FloatArray) -> FloatArray:
    """Solve |E[exp(i ω logit p)]| = exp(-RULE_DROP) for ω, by Stirling's formula and Newton."""
    omega = np.full_like(a, RULE_DROP)
    shapes = [np.maximum(a, 0.5), np.maximum(b, 0.5)]
    for _ in range(6):
        fall = sum(
            omega * np.arctan(omega / c) - (c - 0.5) / 2 * np.log1p((omega / c) ** 2)
            for c in shapes
        )
        slope = sum(np.arctan(omega / c) + 0.5 * omega / (c**2 + omega**2) for c in shapes)
        omega = np.maximum(omega + (RULE_DROP - fall) / slope, 2.0)
    return omega


def softplus_and_slope(u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give log(1 + e^u) and its derivative; several times faster than `numpy.logaddexp`."""
    small = np.exp(-np.abs(u))
    slope: FloatArray = np.where(u > 0, 1.0, small) / (1.0 + small)
    return np.maximum(u, 0.0) + np.log1p(small), slope


def _softplus(u: FloatArray) -> FloatArray:
    return np.maximum(u, 0.0) + np.log1p(np.exp(-np.abs(u)))


def _logit_fall(a: FloatArray, b: FloatArray, drop: FloatArray) -> FloatArray:
    """Find where the log-density of logit Beta(a, b) has fallen by `drop`, left of its mode.

    Solves a u - (a + b) softplus(u) = maximum - drop by Newton, which stays outside (concave).
    """
    mode = np.log(a / b)
    level = a * mode - (a + b) * _softplus(mode) - drop
    u = level / a
    for _ in range(12):
        slope = a - (a + b) * expit(u)
        u = u + (level - a * u + (a + b) * _softplus(u)) / np.maximum(slope, 1e-9)
    return u


def in_logs(
    value: float, slope: FloatArray, curvature: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Turn p_i d/dp_i and p_i p_j d²/dp_i dp_j into derivatives in the logarithms."""
    return value, slope, curvature + np.diag(slope)


def steps(x: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give i and counts c with Σ c f(i) = Σ weight Σ f(i), the last sum over i = 0, …, x - 1.

    Turns the likelihood's log Γ(r + x) - log Γ(r) = Σ log(r + i), and its derivatives, into one
    short sum over all customers. Exact below `FEW`; from there on the sum over i, smooth in log i,
    is integrated between one x and the next.
    """
    low = np.bincount(np.minimum(x, FEW).astype(np.intp), weights=weight)
    alive = _more_than(low)
    near = np.arange(float(len(alive)))
    if x.max(initial=0.0) <= FEW:
        return near, alive
    large = x > FEW
    edges, at = np.unique(np.append(float(FEW), x[large]), return_inverse=True)
    count = _more_than(np.bincount(at[1:], weights=weight[large], minlength=len(edges)))
    node, share = legendre(16)
    span = np.log((edges[1:] - 0.5) / (edges[:-1] - 0.5))[:, None]
    far = (edges[:-1, None] - 0.5) * np.exp(span * node)
    mass = far * span * share * count[:, None]
    return np.append(near, far.ravel()), np.append(alive, mass.ravel())


def _more_than(histogram: FloatArray) -> FloatArray:
    """Count what lies above each value of a histogram but the last."""
    above: FloatArray = histogram[::-1].cumsum()[::-1][1:]
    return above


def cuts(rows: int, size: int = 8192) -> list[slice]:
    """Cut rows into blocks."""
    return [slice(start, start + size) for start in range(0, rows, size)]


def points_for(half: float, digits: float) -> int:
    """Count points that give an error of exp(-digits) on an interval of half-width `half`.

    For functions that are analytic and bounded in the strip |Im z| < π / 2 about it.
    """
    return int(np.ceil(digits / np.arcsinh(np.pi / 2.0 / max(half, 1e-9))))
