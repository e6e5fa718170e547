"""What is particular to BG/BB: opportunities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.stats import beta as beta_distribution

from kizuna.clv import BGBB, Purchases
from kizuna.clv.models.bg_bb import _objective

MODEL = BGBB(1.204, 0.750, 0.657, 2.783)
DONOR = Purchases([2], [4], [6])


def likelihood(p: float, theta: float, x: int, t_x: int, n: int) -> float:
    """Of one person whose chances are known."""
    alive = p**x * (1 - p) ** (n - x) * (1 - theta) ** n
    left = sum(
        p**x * (1 - p) ** (t_x - x + i) * theta * (1 - theta) ** (t_x + i) for i in range(n - t_x)
    )
    return alive + left


@pytest.mark.parametrize("history", [(0, 0, 3), (1, 2, 4), (3, 3, 3)])
def test_the_likelihood_is_the_mean_over_both_chances(history: tuple[int, int, int]) -> None:
    model = BGBB(2.0, 3.0, 1.5, 4.0)
    buying, leaving = beta_distribution(2.0, 3.0), beta_distribution(1.5, 4.0)
    mean, _ = dblquad(
        lambda p, theta: likelihood(p, theta, *history) * buying.pdf(p) * leaving.pdf(theta),
        *(0, 1, 0, 1),
    )
    row = Purchases(*([v] for v in history))
    assert np.exp(model.log_likelihood(row)[0]) == pytest.approx(mean, rel=1e-6)


def test_one_seen_at_the_last_opportunity_may_only_have_left_since() -> None:
    p = MODEL.p_alive(Purchases([6], [6], [6]))[0]
    assert p == pytest.approx((2.783 + 6) / (0.657 + 2.783 + 6))


def test_a_long_silence_ends_in_certainty_and_not_in_nan() -> None:
    p = MODEL.p_alive(Purchases([200, 1], [200, 1], [5000, 5000]))
    assert (p >= 0).all()
    assert (p < 1e-3).all()


def test_nobody_buys_more_often_than_there_are_opportunities() -> None:
    assert MODEL.p_at_least(6, DONOR, 5)[0] == 0.0
    assert MODEL.p_at_least(5, DONOR, 5)[0] > 0.0


def test_half_an_opportunity_counts_half() -> None:
    two, half, three = (MODEL.expected_purchases(DONOR, h)[0] for h in (2.0, 2.5, 3.0))
    assert half == pytest.approx((two + three) / 2)
    two, half, three = (MODEL.p_at_least(2, DONOR, h)[0] for h in (2.0, 2.5, 3.0))
    assert half == pytest.approx((two + three) / 2)


def test_residual_purchases_without_discount_may_be_infinite() -> None:
    assert MODEL.discounted_purchases(DONOR, discount=0.0)[0] == np.inf
    finite = BGBB(1.2, 0.8, 3.0, 4.0).discounted_purchases(DONOR, discount=0.0)[0]
    far = BGBB(1.2, 0.8, 3.0, 4.0).expected_purchases(DONOR, 20_000)[0]
    assert finite == pytest.approx(far, rel=1e-4)


@pytest.mark.parametrize(
    ("columns", "column"),
    [(([1], [2.5], [6]), "t_x"), (([1], [2], [6.5]), "T"), (([3], [2], [6]), "x")],
)
def test_a_history_that_does_not_count_opportunities_is_refused(
    columns: tuple[list[float], list[float], list[float]], column: str
) -> None:
    with pytest.raises(ValueError, match=rf"\.{column}, row 0"):
        BGBB.fit(Purchases(*columns))


def test_rows_of_different_ages_are_told_apart() -> None:
    both = Purchases([1, 1], [2, 2], [4, 9])
    apart = [MODEL.log_likelihood(both.take(np.array([i])))[0] for i in (0, 1)]
    np.testing.assert_allclose(MODEL.log_likelihood(both), apart, rtol=1e-14)
    assert MODEL.p_alive(both)[0] > MODEL.p_alive(both)[1]


def test_gradient_and_hessian_are_the_slopes_of_the_likelihood() -> None:
    data = Purchases(
        [0, 0, 1, 3, 6, 2], [0, 0, 2, 8, 6, 5], [0, 4, 9, 9, 6, 30], [1, 5, 2, 1, 3, 4]
    )
    climb, theta, step = _objective(data), np.log([1.3, 0.7, 0.4, 2.5]), 1e-5
    value, gradient, hessian = climb(theta)
    assert value == pytest.approx(BGBB(*np.exp(theta)).log_likelihood(data) @ data.weights)
    up = [climb(theta + step * axis) for axis in np.eye(4)]
    down = [climb(theta - step * axis) for axis in np.eye(4)]
    slopes = [(u[0] - d[0]) / (2 * step) for u, d in zip(up, down, strict=True)]
    curves = [(u[1] - d[1]) / (2 * step) for u, d in zip(up, down, strict=True)]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(hessian, curves, rtol=1e-6, atol=1e-6)
