"""Special functions against mpmath, moments and plain sums."""

import mpmath as mp
import numpy as np
import pytest
from scipy.special import gammaln

from kizuna.clv.special import (
    beta_rule,
    legendre,
    log_beta,
    log_beta_ratio,
    log_rising,
    softplus_and_slope,
    steps,
)

SHAPES = [
    (0.793, 2.426),
    (0.01, 0.02),
    (5.0, 0.1),
    (50.0, 1e4),
    (2.0, 300.0),
    (1e3, 1e6),
    (1.0, 1.0),
]


def purchases_given_p(p: np.ndarray, n: float, tau: float) -> np.ndarray:
    safe = np.maximum(p, 1e-200)
    return -np.expm1(-n * np.log1p(safe * tau)) / safe


def by_hypergeometric(a: float, b: float, n: float, tau: float) -> float:
    """E[(1 - (1 + p τ)^-n) / p], eq. (10) of Fader, Hardie and Lee, in 60 digits off the pole."""
    with mp.workdps(60):
        a, b, n, tau = (mp.mpf(v) for v in (a + 1e-13, b, n, tau))
        tail = (1 + tau) ** -n * mp.hyp2f1(n, b, a + b - 1, tau / (1 + tau))
        return float((a + b - 1) / (a - 1) * (1 - tail))


@pytest.mark.parametrize("z", [1e-4, 0.3, 7.0, 999.0, 1001.0, 1e8, 1e15])
@pytest.mark.parametrize("n", [0.0, 1.0, 12.0, 500.0])
def test_log_rising_agrees_with_mpmath(z: float, n: float) -> None:
    with mp.workdps(60):
        exact = float(mp.loggamma(mp.mpf(z) + n) - mp.loggamma(mp.mpf(z)))
    assert log_rising(z, n) == pytest.approx(exact, rel=1e-12, abs=1e-11)


def test_the_plain_difference_of_log_gammas_fails_that_test() -> None:
    assert gammaln(1e15 + 12.0) - gammaln(1e15) != pytest.approx(12 * np.log(1e15), rel=1e-6)


def test_the_beta_ratio_is_the_chance_of_surviving_every_trial() -> None:
    trials = np.arange(5.0)
    chance = np.prod((3.0 + trials) / (2.0 + 3.0 + trials))
    assert np.exp(log_beta_ratio(2.0, 3.0, 5.0)) == pytest.approx(chance, rel=1e-14)


@pytest.mark.parametrize(("a", "b"), [(0.8, 1e9), (1e9, 0.8), (2.0, 3.0), (1e-4, 1e-4)])
def test_log_beta_agrees_with_mpmath(a: float, b: float) -> None:
    with mp.workdps(40):
        exact = float(mp.log(mp.beta(a, b)))
    assert log_beta(a, b) == pytest.approx(exact, rel=1e-13)


def test_legendre_integrates_polynomials_exactly() -> None:
    node, weight = legendre(5)
    assert weight @ node**9 == pytest.approx(0.1, rel=1e-14)


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_the_beta_rule_has_positive_weights_and_the_right_moments(a: float, b: float) -> None:
    p, w = beta_rule(a, b)
    assert (w >= 0).all()
    assert w.sum() == pytest.approx(1.0, rel=1e-11)
    assert w @ p == pytest.approx(a / (a + b), rel=1e-11)
    assert w @ p**2 == pytest.approx(a * (a + 1) / (a + b) / (a + b + 1), rel=1e-11)


@pytest.mark.parametrize(("a", "b"), SHAPES[:5] + SHAPES[6:])
@pytest.mark.parametrize(("n", "tau"), [(0.243, 8.0), (3.0, 1e3), (200.0, 0.5)])
def test_the_beta_rule_gives_the_hypergeometric_answer(
    a: float, b: float, n: float, tau: float
) -> None:
    p, w = beta_rule(a, b, n * tau)
    exact = by_hypergeometric(a, b, n, tau)
    assert w @ purchases_given_p(p, n, tau) == pytest.approx(exact, rel=1e-9)


def test_the_textbook_formula_fails_where_the_rule_holds() -> None:
    from scipy.special import hyp2f1

    a, b, n, tau = 1.0 + 1e-13, 2.0, 3.0, 4.0
    tail = (1 + tau) ** -n * hyp2f1(n, b, a + b - 1, tau / (1 + tau))
    textbook = (a + b - 1) / (a - 1) * (1 - tail)
    p, w = beta_rule(a, b, n * tau)
    assert textbook != pytest.approx(w @ purchases_given_p(p, n, tau), rel=1e-4)


def test_the_beta_rule_broadcasts_over_draws_and_rows() -> None:
    a, b = np.array([[0.5], [2.0], [30.0]]), np.array([1.0, 400.0])
    p, w = beta_rule(a, b)
    assert p.shape[:2] == (3, 2)
    assert (w * p).sum(-1) == pytest.approx(a / (a + b), rel=1e-11)


@pytest.mark.parametrize("x", [[0.0, 3.0, 3.0, 70.0], [5.0, 66_000.0, 1e6, 1e9], [0.0], [65_536.0]])
def test_steps_sum_what_log_gamma_sums(x: list[float]) -> None:
    at, count = steps(np.array(x), np.full(len(x), 2.0))
    exact = 2.0 * sum(float(mp.loggamma(0.7 + v) - mp.loggamma(0.7)) for v in x)
    assert count @ np.log(0.7 + at) == pytest.approx(exact, rel=1e-12)


def test_softplus_neither_overflows_nor_loses_small_values() -> None:
    value, slope = softplus_and_slope(np.array([-800.0, -40.0, 0.0, 800.0]))
    assert value == pytest.approx([0.0, np.exp(-40.0), np.log(2.0), 800.0], rel=1e-15)
    assert slope == pytest.approx([0.0, np.exp(-40.0), 0.5, 1.0], rel=1e-15)
