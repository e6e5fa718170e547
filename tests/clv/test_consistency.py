"""Special cases, limits and numeric integrals: a second opinion on the closed forms."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import comb
from scipy.special import gamma as gamma_function
from scipy.stats import beta as beta_distribution

import model_examples as examples
from kizuna.clv import (
    BGBB,
    BGNBD,
    MBGNBD,
    BetaDiscreteWeibull,
    GammaGamma,
    ParetoNBD,
    Purchases,
    ShiftedBetaGeometric,
    Spend,
)

purchase_models = pytest.mark.parametrize("model", examples.PURCHASE, ids=examples.name)
continuous_models = pytest.mark.parametrize("model", examples.CONTINUOUS, ids=examples.name)
retention_models = pytest.mark.parametrize("model", examples.RETENTION, ids=examples.name)

NEW = Purchases([0], [0], [0])
NO_DROPOUT = [
    BGNBD(0.4, 12.0, 1e-10, 1.0),
    MBGNBD(0.4, 12.0, 1e-10, 1.0),
    ParetoNBD(0.4, 12.0, 1e-10, 1.0),
]


def integral(f: Any, low: float, high: float) -> float:
    return float(quad(f, low, high, limit=200, epsabs=1e-12)[0])


# --- purchases --------------------------------------------------------------------------------


@continuous_models
@pytest.mark.parametrize("x", [1, 2, 5])
def test_the_likelihood_integrates_to_the_probability_of_the_count(model: Any, x: int) -> None:
    """Earlier purchases may lie anywhere before t_x: t_x^(x-1) / (x-1)! ways."""

    def density(t_x: float) -> float:
        value = model.log_likelihood(Purchases([x], [t_x], [12.0]))[0]
        return float(np.exp(value) * t_x ** (x - 1) / gamma_function(x))

    p = model.p_exactly(x, NEW, 12.0)[0]
    assert integral(density, 0.0, 12.0) == pytest.approx(p, rel=1e-6)


@continuous_models
def test_the_likelihood_of_no_purchase_is_its_probability(model: Any) -> None:
    log_likelihood = model.log_likelihood(Purchases([0], [0], [12.0]))[0]
    assert np.exp(log_likelihood) == pytest.approx(model.p_exactly(0, NEW, 12.0)[0], rel=1e-9)


def test_bg_bb_likelihoods_of_all_histories_sum_to_one() -> None:
    grid = [(x, t) for t in range(1, 7) for x in range(1, t + 1)]
    x, t_x = np.array([(0, 0), *grid], float).T
    ways = np.where(x > 0, comb(t_x - 1, x - 1), 1.0)
    likelihood = np.exp(examples.PURCHASE[-1].log_likelihood(Purchases(x, t_x, 0 * x + 6)))
    assert ways @ likelihood == pytest.approx(1.0, rel=1e-12)


@purchase_models
def test_the_expectation_is_the_sum_of_the_chances_of_reaching_each_count(model: Any) -> None:
    data = examples.histories(model).take(np.arange(4))
    chances = [model.p_at_least(k, data, 6.0) for k in range(1, 300)]
    np.testing.assert_allclose(model.expected_purchases(data, 6.0), np.sum(chances, 0), rtol=1e-4)


@purchase_models
def test_without_discount_the_discounted_purchases_are_the_expected_ones(model: Any) -> None:
    data = examples.histories(model)
    discounted = model.discounted_purchases(data, discount=0.0, horizon=20)
    np.testing.assert_allclose(discounted, model.expected_purchases(data, 20.0), rtol=1e-9)


@purchase_models
def test_a_far_horizon_is_no_horizon(model: Any) -> None:
    data = examples.histories(model)
    far = model.discounted_purchases(data, discount=0.05, horizon=1500)
    np.testing.assert_allclose(far, model.discounted_purchases(data, discount=0.05), rtol=1e-6)


@continuous_models
def test_discounting_weighs_each_moment(model: Any) -> None:
    row = Purchases([2], [20.0], [30.0])

    def later(t: float) -> float:
        return float(np.exp(-0.03 * t) * model.expected_purchases(row, t)[0])

    by_parts = later(40.0) + 0.03 * integral(later, 0.0, 40.0)
    discounted = model.discounted_purchases(row, discount=0.03, horizon=40.0)
    assert discounted[0] == pytest.approx(by_parts, rel=1e-6)


@purchase_models
def test_a_new_customer_is_a_row_without_history(model: Any) -> None:
    for horizon in (1.0, 10.0, 100.0):
        row = model.expected_purchases(NEW, horizon)[0]
        assert model.expected_purchases_new(horizon) == pytest.approx(row, rel=1e-9)


@pytest.mark.parametrize("model", NO_DROPOUT, ids=examples.name)
def test_without_dropout_every_model_is_the_nbd(model: Any) -> None:
    data = Purchases([0, 2, 9], [0, 20, 8], [40, 38, 9])
    np.testing.assert_allclose(model.p_alive(data), 1.0, atol=1e-6)
    nbd = (0.4 + data.x) / (12.0 + data.T) * 26.0
    np.testing.assert_allclose(model.expected_purchases(data, 26.0), nbd, rtol=1e-6)


def test_bg_bb_without_leaving_is_the_beta_binomial() -> None:
    model, data = BGBB(1.2, 0.8, 1e-10, 1.0), Purchases([0, 2, 6], [0, 4, 6], [6, 6, 6])
    np.testing.assert_allclose(model.p_alive(data), 1.0, atol=1e-8)
    expected = 5 * (1.2 + data.x) / (2.0 + data.T)
    np.testing.assert_allclose(model.expected_purchases(data, 5.0), expected, rtol=1e-8)


# --- spend ------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [1, 4])
def test_gamma_gamma_densities_integrate_to_one_and_to_the_population_mean(x: int) -> None:
    model = GammaGamma(6.25, 3.74, 15.44)

    def density(mean: float) -> float:
        return float(np.exp(model.log_likelihood(Spend([x], [mean]))[0]))

    assert integral(density, 0, np.inf) == pytest.approx(1.0, rel=1e-6)
    average = integral(lambda m: m * density(m), 0, np.inf)
    assert average == pytest.approx(float(model.population_mean()), rel=1e-5)


def test_a_customer_known_for_long_is_worth_the_own_mean() -> None:
    model = GammaGamma(6.25, 3.74, 15.44)
    assert model.expected_spend(Spend([10**7], [80]))[0] == pytest.approx(80, rel=1e-5)
    assert model.expected_spend(Spend([0], [0]))[0] == pytest.approx(model.population_mean())


# --- contracts --------------------------------------------------------------------------------


@pytest.mark.parametrize("shapes", [(0.668, 3.806), (3.0, 0.2), (1e4, 1e5), (1e-3, 50.0)])
def test_bdw_with_an_even_clock_is_the_sbg(shapes: tuple[float, float]) -> None:
    bdw, sbg = BetaDiscreteWeibull(*shapes, 1.0), ShiftedBetaGeometric(*shapes)
    data, t = examples.contracts(), np.arange(1.0, 60.0)
    np.testing.assert_allclose(bdw.log_likelihood(data), sbg.log_likelihood(data), rtol=1e-8)
    np.testing.assert_allclose(bdw.survival(t), sbg.survival(t), rtol=1e-12)
    np.testing.assert_allclose(bdw.retention_rate(t), sbg.retention_rate(t), rtol=1e-9)
    for discount in (0.0, 0.1):
        np.testing.assert_allclose(
            bdw.residual_lifetime([0, 4], discount=discount),
            sbg.residual_lifetime([0, 4], discount=discount),
            rtol=1e-8,
        )


@retention_models
def test_survival_is_the_mean_over_the_churn_probabilities(model: Any) -> None:
    alpha, beta, *c = astuple(model)
    for period in (1, 4, 30):
        clock = period ** (c[0] if c else 1.0)
        mean = beta_distribution(alpha, beta).expect(
            lambda theta, clock=clock: (1 - theta) ** clock, epsabs=1e-11
        )
        assert model.survival(period) == pytest.approx(mean, rel=1e-6)


@retention_models
def test_survival_is_the_product_of_retention_rates(model: Any) -> None:
    product = np.cumprod(model.retention_rate(np.arange(1, 40)))
    np.testing.assert_allclose(model.survival(np.arange(1, 40)), product, rtol=1e-10)


@retention_models
def test_the_likelihoods_of_all_ends_sum_to_one(model: Any) -> None:
    ends = np.append(np.arange(1.0, 13.0), 12.0)
    rows = type(examples.contracts())(ends, np.append(np.ones(12), 0.0))
    assert np.exp(model.log_likelihood(rows)).sum() == pytest.approx(1.0, rel=1e-12)


@retention_models
@pytest.mark.parametrize("discount", [0.003, 0.1, 1.0])
def test_lifetimes_are_discounted_sums_of_survival(model: Any, discount: float) -> None:
    t = np.arange(12_000.0)
    worth = model.survival(t) * (1 + discount) ** -t
    assert model.expected_lifetime(discount=discount) == pytest.approx(worth.sum(), rel=1e-9)
    residual = worth[6:].sum() * (1 + discount) ** 6 / model.survival(5)
    assert model.residual_lifetime(5, discount=discount) == pytest.approx(residual, rel=1e-9)


@retention_models
def test_a_horizon_cuts_the_sum(model: Any) -> None:
    t = np.arange(24.0)
    worth = model.survival(t) * 1.01**-t
    lifetime = model.expected_lifetime(discount=0.01, horizon=24)
    assert lifetime == pytest.approx(worth.sum(), rel=1e-12)
    assert model.residual_lifetime(3, horizon=1) == pytest.approx(model.retention_rate(4))
    assert model.expected_lifetime(horizon=0) == 0.0


@retention_models
def test_draws_of_contracts_are_a_loop_over_draws(model: Any) -> None:
    together, apart = examples.with_draws(model)
    t, data = np.arange(6.0), examples.contracts()
    for call in (
        lambda m: m.survival(t),
        lambda m: m.retention_rate(t + 1),
        lambda m: m.log_likelihood(data),
        lambda m: m.residual_lifetime(t, discount=0.1),
        lambda m: np.atleast_1d(m.expected_lifetime(discount=0.1)),
    ):
        np.testing.assert_allclose(call(together), [call(m) for m in apart], rtol=1e-9)
