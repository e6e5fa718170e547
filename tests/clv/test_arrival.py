"""The k-th purchase within horizon and lifetime, against exact special cases and mpmath."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy.special import betainc

from kizuna.clv.arrival import p_arrival


def exact(k: float, n: float, A: float, s: float, B: float, horizon: float) -> float:
    """Integrate over the arrival time u with 30 digits, in pieces around its peak."""
    with mpmath.workdps(30):
        log_b = mpmath.log(mpmath.beta(k, n))

        def density(z):
            w = -mpmath.expm1(-z)
            u = A * mpmath.expm1(z)
            return mpmath.exp((k - 1) * mpmath.log(w) - n * z - log_b) * (B / (B + u)) ** s

        end = mpmath.log1p(horizon / mpmath.mpf(A))
        return float(mpmath.quad(density, mpmath.linspace(0, end, 41)))


@pytest.mark.parametrize(
    "case",
    [
        (1, 0.55, 10.6, 0.6, 11.7, 39),
        (7, 26.55, 41.6, 0.6, 42.7, 52),
        (1, 40.0, 5.0, 30.0, 0.5, 100),
        (120, 300.0, 90.0, 2.0, 400.0, 60),
        (3, 0.2, 0.05, 0.1, 2000.0, 3000),
        (900, 960.0, 200.0, 12.0, 190.0, 365),
    ],
)
def test_it_agrees_with_an_integral_of_thirty_digits(case):
    assert p_arrival(*case) == pytest.approx(exact(*map(float, case)), abs=1e-10)


def test_without_dropout_it_is_the_negative_binomial():
    k, n, A, t = np.arange(1.0, 200.0), 12.3, 50.0, 400.0
    found = p_arrival(k, n, A, 1e-14, 1e6, t)
    assert np.allclose(found, betainc(k, n, t / (A + t)), atol=1e-11)


def test_a_customer_who_leaves_at_once_never_comes():
    assert p_arrival(1.0, 5.0, 10.0, 50.0, 1e-9, 100.0) == pytest.approx(0.0, abs=1e-6)


def test_it_falls_with_the_count_and_rises_with_the_horizon():
    rng = np.random.default_rng(3)
    n, A, s, B = 10 ** rng.uniform(-1, 2.5, (4, 200, 1))
    by_count = p_arrival(np.arange(1.0, 60.0), n, A, s, B, 80.0)
    assert (np.diff(by_count, axis=1) <= 1e-8).all()
    by_horizon = p_arrival(4.0, n, A, s, B, np.geomspace(0.01, 1e4, 60))
    assert (np.diff(by_horizon, axis=1) >= -1e-8).all()


def test_the_integral_over_lifetimes_that_it_replaced_would_not_pass():
    k, n, A, s, B, t = 120, 300.0, 90.0, 2.0, 400.0, 60
    nodes, weights = np.polynomial.legendre.leggauss(16)
    span, x = np.log1p(t / B), (nodes + 1) / 2
    life = B * np.expm1(span * x)
    lost = s * np.exp(-s * span * x) * span * weights / 2 @ betainc(k, n, life / (A + life))
    old = betainc(k, n, t / (A + t)) * np.exp(-s * span) + lost
    assert abs(old - exact(k, n, A, s, B, t)) > 1e-8
