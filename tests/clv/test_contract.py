"""What every model promises, whatever its kind; see `kizuna.clv.protocols`."""

from __future__ import annotations

import json
from dataclasses import asdict, astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model_examples as examples
from kizuna.clv import GammaGamma
from kizuna.clv.models import ALL_MODELS

every_model = pytest.mark.parametrize("model", examples.EVERY, ids=examples.name)
purchase_models = pytest.mark.parametrize("model", examples.PURCHASE, ids=examples.name)
continuous_models = pytest.mark.parametrize("model", examples.CONTINUOUS, ids=examples.name)

PURCHASE_CALLS: dict[str, dict[str, Any]] = {
    "log_likelihood": {},
    "p_alive": {},
    "expected_purchases": {"horizon": 10.0},
    "expected_purchases_alive": {"horizon": 10.0},
    "discounted_purchases": {"discount": 0.01, "horizon": 20.0},
    "p_at_least_alive": {"count": 2, "horizon": 10.0},
    "p_at_least": {"count": 2, "horizon": 10.0},
    "p_exactly": {"count": 1, "horizon": 10.0},
}


def sampled(model: Any, values: list[float]) -> Any:
    return type(model)(*values[: len(astuple(model))])


def test_the_examples_cover_every_model() -> None:
    assert {type(m) for m in examples.EVERY} == set(ALL_MODELS)


@every_model
def test_a_model_survives_json(model: Any) -> None:
    assert type(model)(**json.loads(json.dumps(asdict(model)))) == model


@every_model
def test_a_weight_of_k_is_the_same_as_k_copies(model: Any) -> None:
    data = examples.simulated(model, 150)
    twice = data.take(np.repeat(np.arange(len(data)), 2))
    weighted = type(data)(*data.columns, np.full(len(data), 2.0))
    by_copy, by_weight = type(model).fit(twice), type(model).fit(weighted)
    assert by_weight.n == by_copy.n
    assert by_weight.log_likelihood == pytest.approx(by_copy.log_likelihood, abs=1e-4)
    error = np.abs(np.subtract(astuple(by_weight.model), astuple(by_copy.model)))
    assert (error <= 0.02 * np.sqrt(np.diag(by_copy.covariance))).all()


@every_model
def test_leaving_the_weights_out_would_be_noticed(model: Any) -> None:
    data = examples.simulated(model, 150)
    weight = np.where(np.arange(150) < 75, 5.0, 1.0)
    weighted = type(model).fit(type(data)(*data.columns, weight))
    assert not examples.fields_equal(weighted.model, type(model).fit(data).model, rel=0.01)


@every_model
def test_a_fit_is_never_worse_than_the_truth(model: Any) -> None:
    data = examples.simulated(model, 300)
    truth = float(model.log_likelihood(data) @ data.weights)
    fit = type(model).fit(data)
    assert fit.converged
    assert fit.log_likelihood >= truth


@every_model
def test_a_fit_can_be_drawn_from(model: Any) -> None:
    fit = type(model).fit(examples.simulated(model, 300))
    draws = fit.draws(5, np.random.default_rng(0))
    assert all(np.shape(f) == (5, 1) and (f > 0).all() for f in astuple(draws))


@every_model
def test_the_likelihood_of_a_fit_is_that_of_its_model(model: Any) -> None:
    data = examples.simulated(model, 200)
    fit = type(model).fit(data)
    total = fit.model.log_likelihood(data) @ data.weights
    assert fit.log_likelihood == pytest.approx(total, abs=1e-5)


@purchase_models
@pytest.mark.parametrize("method", PURCHASE_CALLS)
def test_an_array_of_draws_is_a_loop_over_draws(model: Any, method: str) -> None:
    data, arguments = examples.histories(model), PURCHASE_CALLS[method]
    together, apart = examples.with_draws(model)
    looped = [getattr(m, method)(purchases=data, **arguments) for m in apart]
    drawn = getattr(together, method)(purchases=data, **arguments)
    assert drawn.shape == (3, len(data))
    np.testing.assert_allclose(drawn, looped, rtol=1e-9, atol=1e-12)


@purchase_models
def test_draws_of_a_new_customer_are_a_loop_over_draws(model: Any) -> None:
    together, apart = examples.with_draws(model)
    looped = [m.expected_purchases_new([1.0, 7.0]) for m in apart]
    np.testing.assert_allclose(together.expected_purchases_new([1.0, 7.0]), looped, rtol=1e-9)


@purchase_models
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_a_forecast_for_a_new_customer_has_the_shape_of_the_horizon(model: Any, shape: Any) -> None:
    assert np.shape(model.expected_purchases_new(np.full(shape, 4.0))) == shape


@purchase_models
@given(values=st.lists(examples.log_uniform, min_size=4, max_size=4))
def test_predictions_are_sane_whatever_the_parameters(model: Any, values: list[float]) -> None:
    drawn, data = sampled(model, values), examples.histories(model)
    alive = drawn.p_alive(data)
    assert ((alive >= 0) & (alive <= 1)).all()
    steps = [drawn.expected_purchases(data, h) for h in (0.0, 1.0, 10.0, 100.0)]
    assert np.isfinite(steps).all()
    assert (np.diff(steps, axis=0) >= -1e-12).all()
    np.testing.assert_allclose(steps[0], 0.0, atol=1e-12)


@purchase_models
@given(values=st.lists(examples.log_uniform, min_size=4, max_size=4))
def test_probabilities_fall_with_the_count_whatever_the_parameters(
    model: Any, values: list[float]
) -> None:
    drawn, data = sampled(model, values), examples.histories(model)
    p = np.array([drawn.p_at_least(k, data, 8.0) for k in range(6)])
    assert (p[0] == 1.0).all()
    assert ((p >= 0) & (p <= 1 + 1e-12)).all()
    assert (np.diff(p, axis=0) <= 1e-12).all()


@purchase_models
def test_counts_have_probability_one_and_the_expected_mean(model: Any) -> None:
    data = examples.histories(model).take(np.arange(4))
    p = np.array([model.p_exactly(k, data, 5.0) for k in range(400)])
    np.testing.assert_allclose(p.sum(0), 1.0, atol=1e-6)
    np.testing.assert_allclose(np.arange(400) @ p, model.expected_purchases(data, 5.0), rtol=1e-5)


@purchase_models
def test_a_forecast_is_that_of_one_alive_times_the_chance_of_being_alive(model: Any) -> None:
    data = examples.histories(model)
    alive = model.p_alive(data)
    forecast = alive * model.expected_purchases_alive(data, 9.0)
    np.testing.assert_allclose(model.expected_purchases(data, 9.0), forecast, rtol=1e-12)
    at_least = alive * model.p_at_least_alive(3, data, 9.0)
    np.testing.assert_allclose(model.p_at_least(3, data, 9.0), at_least, rtol=1e-12)


@purchase_models
def test_a_horizon_may_differ_by_row(model: Any) -> None:
    data = examples.histories(model)
    horizon = np.arange(1.0, len(data) + 1.0)
    rows = [model.expected_purchases(data.take(np.array([i])), h)[0] for i, h in enumerate(horizon)]
    np.testing.assert_allclose(model.expected_purchases(data, horizon), rows, rtol=1e-9)


@purchase_models
def test_a_later_last_purchase_never_lowers_the_chance_of_being_alive(model: Any) -> None:
    t_x = np.arange(3.0, 31.0)
    data = examples.Purchases(np.full(28, 3.0), t_x, np.full(28, 30.0))
    assert (np.diff(model.p_alive(data)) >= 0).all()


@continuous_models
@pytest.mark.parametrize("factor", [7.0, 1 / 52.18, 168.0])
def test_the_unit_of_time_does_not_matter(model: Any, factor: float) -> None:
    data = examples.simulated(model, 300)
    fit, rescaled = type(model).fit(data), type(model).fit(data.scaled(factor))
    shift = -data.x.sum() * np.log(factor)
    assert rescaled.log_likelihood == pytest.approx(fit.log_likelihood + shift, abs=1e-4)
    before = fit.model.expected_purchases(data, 26.0)
    after = rescaled.model.expected_purchases(data.scaled(factor), 26.0 * factor)
    np.testing.assert_allclose(after, before, rtol=2e-3, atol=1e-6)


@continuous_models
def test_a_horizon_in_another_unit_than_the_history_would_be_noticed(model: Any) -> None:
    data = examples.histories(model).take(np.array([1, 2, 3]))
    right, wrong = model.expected_purchases(data, 26.0), model.expected_purchases(data, 182.0)
    assert (wrong > 1.5 * right).all()


@purchase_models
@pytest.mark.parametrize(
    "columns",
    [([0], [0], [5]), ([1], [2], [5]), ([0, 0, 0], [0, 0, 0], [3, 4, 5]), ([5], [5], [5])],
    ids=["one without", "one with", "nobody came back", "every time"],
)
def test_a_fit_to_next_to_nothing_still_predicts(model: Any, columns: Any) -> None:
    data = examples.Purchases(*columns)
    fit = type(model).fit(data)
    forecast = fit.model.expected_purchases(data, 5.0)
    assert np.isfinite(fit.log_likelihood)
    assert (np.isfinite(forecast) & (forecast >= 0)).all()


@every_model
def test_a_start_does_not_change_where_the_fit_ends(model: Any) -> None:
    data = examples.simulated(model, 300)
    if isinstance(model, GammaGamma):
        start = type(model)(1.0, 1.5, 300.0)
    else:
        start = type(model)(*(3.0 * v for v in astuple(model)))
    plain, started = type(model).fit(data), type(model).fit(data, start=start)
    assert started.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-4)
