"""Simulated customers do what the closed forms say, and the other way round."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import model_examples as examples
from kizuna.clv import BGNBD, Contracts, GammaGamma, ParetoNBD, Purchases, Spend
from kizuna.clv.simulate import (
    purchase_times,
    simulate_contracts,
    simulate_future,
    simulate_future_spend,
    simulate_orders,
    simulate_purchases,
    simulate_spend,
)

DRAWS = 40_000

purchase_models = pytest.mark.parametrize("model", examples.PURCHASE, ids=examples.name)
continuous_models = pytest.mark.parametrize("model", examples.CONTINUOUS, ids=examples.name)
retention_models = pytest.mark.parametrize("model", examples.RETENTION, ids=examples.name)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def within_noise(draws: np.ndarray, expected: Any, *, errors: float = 4.5) -> bool:
    """Whether the mean of draws, over the first axis, is `expected` up to its standard error."""
    error = draws.std(0) / np.sqrt(len(draws)) + 1e-9
    return bool((np.abs(draws.mean(0) - expected) <= errors * error).all())


def some_histories(model: Any) -> Purchases:
    if model in examples.CONTINUOUS:
        return Purchases([0, 1, 2, 8], [0, 5, 30.4, 30], [20, 40, 38.9, 31])
    return Purchases([0, 1, 2, 6], [0, 1, 4, 6], [6, 6, 6, 6])


def futures(model: Any, horizon: float, rng: np.random.Generator) -> np.ndarray:
    rows = some_histories(model).take(np.tile(np.arange(4), DRAWS))
    return simulate_future(model, rows, horizon, rng).reshape(DRAWS, 4)


@purchase_models
def test_simulated_futures_have_the_expected_number_of_purchases(
    model: Any, rng: np.random.Generator
) -> None:
    drawn = futures(model, 10.0, rng)
    assert within_noise(drawn, model.expected_purchases(some_histories(model), 10.0))


@purchase_models
@pytest.mark.parametrize("count", [1, 2, 4])
def test_simulated_futures_reach_a_count_as_often_as_they_should(
    model: Any, count: int, rng: np.random.Generator
) -> None:
    drawn = futures(model, 10.0, rng) >= count
    assert within_noise(drawn, model.p_at_least(count, some_histories(model), 10.0))


@purchase_models
def test_a_forecast_for_other_histories_would_be_noticed(
    model: Any, rng: np.random.Generator
) -> None:
    older = Purchases(*some_histories(model).columns[:2], some_histories(model).T + 3)
    assert not within_noise(futures(model, 10.0, rng), model.expected_purchases(older, 10.0))


@purchase_models
def test_new_customers_buy_as_often_as_expected(model: Any, rng: np.random.Generator) -> None:
    drawn = simulate_purchases(model, np.full(DRAWS, 12.0), rng).x
    assert within_noise(drawn, model.expected_purchases_new(12.0))
    new = Purchases([0], [0], [0])
    for count in (1, 3):
        assert within_noise(drawn >= count, model.p_at_least(count, new, 12.0))


@continuous_models
def test_what_follows_a_simulated_history_is_what_the_model_expects_of_it(
    model: Any, rng: np.random.Generator
) -> None:
    """First principles: cut whole lives in two, and forecast the second part from the first."""
    lives = simulate_purchases(model, np.full(4 * DRAWS, 52.0), rng)
    row, time = purchase_times(lives, rng)
    seen = time <= 26.0
    x = np.bincount(row[seen], minlength=len(lives)).astype(float)
    t_x = np.zeros(len(lives))
    np.maximum.at(t_x, row[seen], time[seen])
    history = Purchases(x, t_x, np.full(len(lives), 26.0))
    error = lives.x - x - model.expected_purchases(history, 26.0)
    for group in (x == 0, (x == 1) & (t_x < 9), (x == 1) & (t_x > 20), (x > 1) & (x < 5), x >= 5):
        assert within_noise(error[group], 0.0)


@continuous_models
def test_purchase_times_are_sorted_and_end_with_the_last(
    model: Any, rng: np.random.Generator
) -> None:
    histories = simulate_purchases(model, np.full(500, 40.0), rng)
    row, time = purchase_times(histories, rng)
    assert (np.bincount(row, minlength=500) == histories.x).all()
    assert ((np.diff(time) >= 0) | (np.diff(row) > 0)).all()
    last = np.zeros(500)
    np.maximum.at(last, row, time)
    np.testing.assert_array_equal(last, histories.t_x)


def test_futures_of_a_model_of_draws_have_a_row_for_each_draw(rng: np.random.Generator) -> None:
    for model in examples.PURCHASE:
        draws, _ = examples.with_draws(model)
        assert simulate_future(draws, some_histories(model), 5.0, rng).shape == (3, 4)


def test_the_same_seed_gives_the_same_customers() -> None:
    model = examples.CONTINUOUS[0]
    first, again, other = (
        simulate_purchases(model, np.full(50, 30.0), np.random.default_rng(s)) for s in (1, 1, 2)
    )
    assert (first.t_x == again.t_x).all()
    assert (first.t_x != other.t_x).any()


def test_customers_who_never_leave_buy_as_a_poisson_process(rng: np.random.Generator) -> None:
    model = BGNBD(1e6, 1e6, 1e-9, 1.0)
    x = simulate_purchases(model, np.full(DRAWS, 5.0), rng).x
    assert within_noise(x, 5.0)
    assert within_noise((x - 5.0) ** 2, 5.0)


def test_simulated_orders_average_the_population_mean(rng: np.random.Generator) -> None:
    model = GammaGamma(6.25, 3.74, 15.44)
    spend = simulate_spend(model, np.full(DRAWS, 3.0), rng)
    assert within_noise(spend.mean, model.population_mean())


def test_a_customer_without_orders_has_no_mean(rng: np.random.Generator) -> None:
    spend = simulate_spend(GammaGamma(6.25, 3.74, 15.44), [0, 2], rng)
    assert spend.mean[0] == 0
    assert spend.mean[1] > 0


def test_future_spend_averages_the_expected_spend(rng: np.random.Generator) -> None:
    model, seen = GammaGamma(6.25, 3.74, 15.44), Spend([0, 1, 10], [0, 80, 20])
    rows = seen.take(np.tile(np.arange(3), DRAWS))
    total = simulate_future_spend(model, rows, 4.0, rng).reshape(DRAWS, 3)
    assert within_noise(total, 4.0 * model.expected_spend(seen))


def test_no_further_orders_are_worth_nothing(rng: np.random.Generator) -> None:
    assert simulate_future_spend(GammaGamma(6, 4, 15), Spend([2], [9]), 0.0, rng)[0] == 0


@retention_models
def test_contracts_survive_as_often_as_they_should(model: Any, rng: np.random.Generator) -> None:
    contracts = simulate_contracts(model, np.full(DRAWS, 8.0), rng)
    for period in (1, 3, 8):
        alive = contracts.duration - contracts.churned >= period
        assert within_noise(alive, model.survival(period))


def test_contracts_are_censored_at_their_age(rng: np.random.Generator) -> None:
    contracts: Contracts = simulate_contracts(examples.RETENTION[0], [0, 3, 50], rng)
    assert contracts.churned[0] == 0
    assert (contracts.duration <= [0, 3, 50]).all()


def test_an_order_log_runs_from_the_first_order_to_the_last_day(rng: np.random.Generator) -> None:
    start = rng.uniform(0, 90, 2000)
    model = ParetoNBD(0.553, 10.578, 0.606, 11.669)
    log = simulate_orders(model, GammaGamma(6, 4, 15), start, 365.0, rng, days_per_period=7.0)
    _, first = np.unique(log.customer, return_index=True)
    np.testing.assert_array_equal(log.day[first], start)
    assert (log.day <= 365.0).all()
    assert (log.amount > 0).all()
    assert len(log.day) == pytest.approx(
        2000 + model.expected_purchases_new((365.0 - start) / 7).sum(), rel=0.15
    )


def test_an_impossible_history_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="age, row 0"):
        simulate_purchases(examples.CONTINUOUS[0], [-1.0], np.random.default_rng(0))
