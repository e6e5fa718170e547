"""The climber finds the highest summit, stops at bounds and survives flat ridges."""

from dataclasses import dataclass

import numpy as np
import pytest

from kizuna.clv.data import FloatArray, Spend
from kizuna.clv.fitting import (
    Fit,
    Objective,
    climb,
    maximum_likelihood,
    numeric_objective,
)

BOUNDS = (np.full(2, -10.0), np.full(2, 10.0))


@dataclass(frozen=True, slots=True)
class Rate:
    """Exponential spends with one rate: the smallest model there is."""

    rate: float


def exponential(data: Spend) -> Objective:
    def value(theta: FloatArray) -> float:
        rate = np.exp(theta[0])
        return float(data.weights @ (np.log(rate) - rate * data.mean))

    return numeric_objective(value)


def fit(data: Spend, low: float = -10.0, high: float = 10.0) -> Fit[Rate]:
    bounds = (np.array([low]), np.array([high]))
    return maximum_likelihood(Rate, exponential, data, starts=[np.zeros(1)], bounds=bounds)


def spends(customers: int) -> Spend:
    return Spend(np.ones(customers), np.random.default_rng(4).exponential(5.0, customers))


def hill(top: FloatArray, height: float, width: float = 1.0) -> Objective:
    return numeric_objective(lambda v: height - float(((v - top) ** 2).sum()) / width)


def test_a_fit_finds_the_maximum_and_its_standard_error() -> None:
    data = spends(400)
    result = fit(data)
    assert result.converged
    assert result.model.rate == pytest.approx(1 / data.mean.mean(), rel=1e-7)
    assert result.standard_errors["rate"] == pytest.approx(result.model.rate / 20, rel=1e-3)


def test_a_fit_of_many_rows_goes_by_a_sample_first_and_ends_at_the_same_place() -> None:
    data = spends(30_000)
    assert fit(data).model.rate == pytest.approx(1 / data.mean.mean(), rel=1e-6)


def test_weights_count_as_copies() -> None:
    once = Spend([1, 1], [3.0, 8.0], [2.0, 1.0])
    copied = Spend([1, 1, 1], [3.0, 3.0, 8.0])
    assert fit(once).model.rate == pytest.approx(fit(copied).model.rate, rel=1e-7)
    assert fit(once).n == 3


def test_an_estimate_at_its_bound_is_named() -> None:
    result = fit(spends(100), high=-3.0)
    assert result.at_bound == ("rate",)
    assert result.model.rate == pytest.approx(np.exp(-3.0))
    assert result.converged


def test_no_customers_cannot_be_fitted() -> None:
    with pytest.raises(ValueError, match="one at least is needed"):
        fit(Spend([], []))


def test_the_climb_needs_one_newton_step_on_a_quadratic_hill() -> None:
    top = np.array([0.4, -0.7])
    summit = climb(hill(top, 3.0), np.zeros(2), BOUNDS)
    assert summit.converged
    assert summit.theta == pytest.approx(top, abs=1e-6)


def test_the_climb_follows_a_curved_ridge() -> None:
    ridge = numeric_objective(lambda v: -((1 - v[0]) ** 2) - 100 * (v[1] - v[0] ** 2) ** 2)
    summit = climb(ridge, np.array([-1.2, 1.0]), BOUNDS)
    assert summit.theta == pytest.approx([1.0, 1.0], abs=1e-3)


def test_the_climb_leaves_a_region_where_the_surface_curves_upwards() -> None:
    bell = numeric_objective(lambda v: float(np.exp(-(v**2).sum() / 2)) * 100)
    summit = climb(bell, np.array([2.0, -2.0]), BOUNDS)
    assert summit.theta == pytest.approx([0.0, 0.0], abs=1e-4)


def test_a_flat_surface_is_converged_where_it_stands() -> None:
    summit = climb(numeric_objective(lambda _: -5.0), np.ones(2), BOUNDS)
    assert summit.converged
    assert summit.theta == pytest.approx([1.0, 1.0])


def test_values_that_are_not_finite_are_stepped_away_from() -> None:
    def objective(v: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        cliff = v[0] > 1.0
        value = np.nan if cliff else v[0] - v[1] ** 2
        return float(value), np.array([1.0, -2.0 * v[1]]), np.diag([0.0, -2.0])

    summit = climb(objective, np.array([-3.0, 0.1]), BOUNDS)
    assert np.isfinite(summit.value)
    assert summit.theta[0] > 0.9


def two_hills(data: Spend) -> Objective:
    def value(v: FloatArray) -> float:
        low, high = np.exp(-((v[0] + 3) ** 2)), np.exp(-((v[0] - 3) ** 2))
        return float(100 * low + 200 * high)

    return numeric_objective(value)


def test_of_two_optima_the_higher_wins_whatever_the_order_of_starts() -> None:
    bounds = (np.array([-10.0]), np.array([10.0]))
    starts = [np.array([-2.5]), np.array([2.5])]
    for order in (starts, starts[::-1]):
        result = maximum_likelihood(Rate, two_hills, spends(5), starts=order, bounds=bounds)
        assert result.model.rate == pytest.approx(np.exp(3.0), rel=1e-5)


def test_one_start_alone_may_end_on_the_lower_hill() -> None:
    bounds = (np.array([-10.0]), np.array([10.0]))
    result = maximum_likelihood(
        Rate, two_hills, spends(5), starts=[np.array([-2.5])], bounds=bounds
    )
    assert result.log_likelihood == pytest.approx(100.0, rel=1e-3)


def test_draws_have_the_estimate_for_median_and_its_spread() -> None:
    result = fit(spends(400))
    draws = result.draws(20_000, np.random.default_rng(5)).rate
    assert np.shape(draws) == (20_000, 1)
    assert np.median(draws) == pytest.approx(result.model.rate, rel=5e-3)
    assert np.std(np.log(draws)) == pytest.approx(1 / 20, rel=0.03)


def test_draws_repeat_with_the_seed() -> None:
    result = fit(spends(50))
    first, second = (result.draws(3, np.random.default_rng(6)).rate for _ in range(2))
    assert (np.asarray(first) == np.asarray(second)).all()


def test_akaike_counts_parameters() -> None:
    result = fit(spends(50))
    assert result.aic == pytest.approx(2.0 - 2.0 * result.log_likelihood)


def test_differences_of_the_value_give_its_slopes_and_curvature() -> None:
    def value(v: FloatArray) -> float:
        return float(-np.exp(v[0]) + v[0] * v[1] - v[1] ** 2)

    at = np.array([0.3, -0.2])
    found, gradient, hessian = numeric_objective(value)(at)
    assert found == value(at)
    assert gradient == pytest.approx([-np.exp(0.3) - 0.2, 0.7], rel=1e-6)
    assert hessian == pytest.approx(np.array([[-np.exp(0.3), 1.0], [1.0, -2.0]]), rel=1e-5)
