"""What is particular to Gamma-Gamma: money, shrinkage, and rows that say nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

import model_examples as examples
from kizuna.clv import GammaGamma, Spend
from kizuna.clv.models.gamma_gamma import LOWEST_Q, _objective

MODEL = GammaGamma(6.25, 3.74, 15.44)


def simulated(n: int = 3000) -> Spend:
    return examples.simulated(MODEL, n)


@pytest.mark.parametrize("unit", [1e-6, 0.01, 150.0, 1e8])
def test_the_unit_of_money_does_not_matter(unit: float) -> None:
    data = simulated()
    other = Spend(data.x, data.mean * unit)
    plain, scaled = GammaGamma.fit(data).model, GammaGamma.fit(other).model
    assert (scaled.p, scaled.q) == pytest.approx((plain.p, plain.q), rel=1e-4)
    spend, expected = scaled.expected_spend(other), plain.expected_spend(data) * unit
    np.testing.assert_allclose(spend, expected, rtol=1e-4)


def test_rows_without_value_are_left_out_of_the_fit_and_counted() -> None:
    kept = Spend([1, 2, 5, 3], [10, 30, 12, 8])
    data = Spend([0, 1, 2, 0, 5, 3, 4], [99, 10, 30, 0, 12, 8, 0])
    fit = GammaGamma.fit(data)
    assert data.n - fit.n == 3
    assert fit.model == GammaGamma.fit(kept).model
    assert (fit.model.log_likelihood(data)[[0, 3, 6]] == 0).all()


def test_without_any_order_of_value_a_fit_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="no customer has an order of positive value"):
        GammaGamma.fit(Spend([0, 0, 2], [0, 5, 0]))


@given(x=examples.log_uniform, mean=examples.log_uniform)
def test_the_expectation_lies_between_the_own_and_the_population_mean(
    x: float, mean: float
) -> None:
    expected = MODEL.expected_spend(Spend([np.ceil(x)], [mean]))[0]
    low, high = sorted((mean, float(MODEL.population_mean())))
    assert low * (1 - 1e-12) <= expected <= high * (1 + 1e-12)


def test_more_orders_pull_toward_the_own_mean() -> None:
    expected = MODEL.expected_spend(Spend([0, 1, 2, 5, 50], [100] * 5))
    assert (np.diff(expected) > 0).all()
    assert expected[0] == pytest.approx(float(MODEL.population_mean()))


def test_a_mean_that_does_not_exist_is_infinite_and_never_negative() -> None:
    model = GammaGamma(2.0, 0.8, 10.0)
    assert model.population_mean() == np.inf
    expected = model.expected_spend(Spend([0, 1], [0, 10]))
    assert expected[0] == np.inf
    assert 0 < expected[1] < np.inf


def test_heavy_tails_stop_at_the_lowest_shape_and_say_so() -> None:
    money = np.random.default_rng(0).pareto(0.7, 2000)
    fit = GammaGamma.fit(Spend(np.ones(2000), money))
    assert fit.at_bound == ("q",)
    assert fit.model.q == pytest.approx(LOWEST_Q)
    assert np.isfinite(fit.model.population_mean())


@pytest.mark.parametrize(
    ("x", "mean"),
    [([1], [3]), ([1, 2, 3], [5, 5, 5]), ([1, 1], [1e-3, 1e9]), ([10**6, 1], [1, 2])],
    ids=["one", "all alike", "far apart", "many orders"],
)
def test_little_or_odd_data_still_give_a_finite_forecast(x: list[float], mean: list[float]) -> None:
    data = Spend(x, mean)
    expected = GammaGamma.fit(data).model.expected_spend(data)
    assert (np.isfinite(expected) & (expected > 0)).all()


def test_customers_who_all_spend_the_same_are_expected_to_go_on() -> None:
    fit = GammaGamma.fit(Spend(np.full(50, 4.0), np.full(50, 980.0)))
    assert fit.model.population_mean() == pytest.approx(980.0, rel=1e-3)


def test_gradient_and_hessian_are_the_slopes_of_the_likelihood() -> None:
    theta, step = np.log([5.0, 3.0, 20.0]), 1e-5
    data = simulated(200)
    climb = _objective(data.take(np.flatnonzero(data.mean > 0)))
    _, gradient, hessian = climb(theta)
    up = [climb(theta + step * axis) for axis in np.eye(3)]
    down = [climb(theta - step * axis) for axis in np.eye(3)]
    slopes = [(u[0] - d[0]) / (2 * step) for u, d in zip(up, down, strict=True)]
    curves = [(u[1] - d[1]) / (2 * step) for u, d in zip(up, down, strict=True)]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(hessian, curves, rtol=1e-5, atol=1e-4)


def test_draws_are_a_loop_over_draws() -> None:
    together, apart = examples.with_draws(MODEL)
    data = examples.spends()
    for method in ("log_likelihood", "expected_spend"):
        looped = [getattr(m, method)(data) for m in apart]
        np.testing.assert_allclose(getattr(together, method)(data), looped, rtol=1e-12)
    assert together.population_mean().shape == (3, 1)
