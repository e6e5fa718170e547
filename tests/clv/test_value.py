"""Value is future margin: what it counts, what it leaves out, and that units do not matter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_sets import cdnow_sample_histories, requires_data
from kizuna.clv import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD, Purchases, Spend
from kizuna.clv import value as v
from kizuna.clv.pace import Pace
from kizuna.clv.paced import Paced
from kizuna.clv.protocols import PurchaseModel

BG = BGNBD(0.243, 4.414, 0.793, 2.426)
PARETO = ParetoNBD(0.553, 10.578, 0.606, 11.669)
MODELS = [BG, PARETO, MBGNBD(0.525, 6.183, 0.891, 1.614), Paced(BG, Pace(0.7, 4.0))]
GG = GammaGamma(6.25, 3.74, 15.44)
PURCHASES = Purchases([2, 0, 5], [30.43, 0, 20], [38.86, 30, 38])  # type: ignore[arg-type]
SPEND = Spend([2, 0, 5], [22.35, 0, 40])  # type: ignore[arg-type]
DELTA = v.continuous_discount(0.10, periods_per_year=52)


def worth(model: PurchaseModel = BG, **terms: object) -> v.ResidualValue:
    chosen = {"horizon": 39.0, "discount": 0.0} | terms
    return v.residual_clv(model, GG, PURCHASES, SPEND, **chosen)  # type: ignore[arg-type]


def daily_histories(ages: int = 400) -> Purchases:
    """Many pairs: three numbers of purchases at every age in days, in weeks."""
    x, T = np.repeat([0.0, 1.0, 30.0], ages), np.tile(np.arange(1.0, ages + 1) / 7, 3)
    return Purchases(x, np.where(x > 0, T / 2, 0), T)


@requires_data
def test_cdnow_is_worth_what_the_papers_say() -> None:
    h = cdnow_sample_histories()
    value = v.residual_clv(BG, GG, h.purchases, h.spend, horizon=39, discount=0.0)
    assert value.expected_purchases.sum() == pytest.approx(1653.4, abs=1)
    assert value.clv.sum() == pytest.approx(59_932, rel=2e-3)


def test_the_worked_example_of_the_documentation() -> None:
    value = worth(discount=DELTA, margin=0.3)
    assert value.expected_purchases[0] == pytest.approx(1.226, abs=1e-3)
    assert value.p_alive[0] == pytest.approx(0.7266, abs=1e-4)
    assert value.expected_spend[0] == pytest.approx(24.66, abs=0.01)
    assert value.clv[0] == pytest.approx(8.77, abs=0.005)


@pytest.mark.parametrize("model", MODELS)
def test_value_is_margin_times_spend_times_discounted_purchases(model: PurchaseModel) -> None:
    value = worth(model, discount=DELTA, margin=0.4)
    discounted = model.discounted_purchases(PURCHASES, discount=DELTA, horizon=39.0)
    assert value.clv == pytest.approx(0.4 * GG.expected_spend(SPEND) * discounted, rel=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_discount_lowers_the_value_and_not_the_purchases(model: PurchaseModel) -> None:
    plain, discounted = worth(model), worth(model, discount=DELTA)
    assert discounted.expected_purchases == pytest.approx(plain.expected_purchases)
    assert (discounted.clv < plain.clv).all()
    assert (discounted.clv > plain.clv * np.exp(-DELTA * 39)).all()


@pytest.mark.parametrize("model", MODELS)
def test_without_a_horizon_all_the_future_counts(model: PurchaseModel) -> None:
    endless = worth(model, horizon=None, discount=0.02).clv
    assert worth(model, horizon=600.0, discount=0.02).clv == pytest.approx(endless, rel=1e-3)
    assert (worth(model, horizon=100.0, discount=0.02).clv < endless).all()


@pytest.mark.parametrize("model", MODELS)
def test_one_value_however_many_ages_surround_it(model: PurchaseModel) -> None:
    many = daily_histories()
    pairs, index = v.alive_pairs(many)
    direct = model.discounted_purchases(many, discount=DELTA, horizon=52.0)
    fast = v.discounted_alive(model, pairs, horizon=52.0, discount=DELTA)[index]
    assert fast * model.p_alive(many) == pytest.approx(direct, rel=3e-6)


def test_too_few_ages_would_be_noticed() -> None:
    T = np.arange(1.0, 400.0)
    for n, good in ((24, True), (4, False)):
        ages = v.chebyshev_ages(1.0, 399.0, n)
        error = v.interpolation(T, ages) @ (1 / (5 + ages)) * (5 + T) - 1
        assert bool(np.abs(error).max() < 1e-6) is good


@given(st.floats(1.0, 400.0))
def test_interpolation_hits_its_own_ages(factor: float) -> None:
    ages = v.chebyshev_ages(0.3, 0.3 * factor + 0.1, 9)
    assert v.interpolation(ages, ages) == pytest.approx(np.eye(9), abs=1e-9)


@pytest.mark.parametrize("model", [BG, PARETO])
def test_weeks_and_days_give_the_same_money(model: PurchaseModel) -> None:
    if isinstance(model, BGNBD):
        daily: PurchaseModel = BGNBD(model.r, model.alpha * 7, model.a, model.b)
    else:
        daily = ParetoNBD(PARETO.r, PARETO.alpha * 7, PARETO.s, PARETO.beta * 7)
    days = v.residual_clv(
        daily, GG, PURCHASES.scaled(7.0), SPEND, horizon=39.0 * 7, discount=DELTA / 7
    )
    assert days.clv == pytest.approx(worth(model, discount=DELTA).clv, rel=1e-9)


def test_yen_and_hundred_yen_give_the_same_money() -> None:
    spend = Spend(SPEND.x, SPEND.mean * 100)
    dear = GammaGamma(GG.p, GG.q, GG.v * 100)
    value = v.residual_clv(BG, dear, PURCHASES, spend, horizon=39, discount=0.0)
    assert value.clv == pytest.approx(worth().clv * 100)


def test_rows_are_valued_alone_as_together() -> None:
    many = daily_histories()
    spend = Spend(many.x, np.full(len(many), 30.0))
    terms = {"horizon": 52.0, "discount": DELTA}
    together = v.residual_clv(BG, GG, many, spend, **terms).clv
    halves = [slice(0, 500), slice(500, None)]
    apart = [v.residual_clv(BG, GG, many.take(h), spend.take(h), **terms).clv for h in halves]
    assert np.concatenate(apart) == pytest.approx(together, rel=1e-9)


def test_margin_may_differ_between_customers() -> None:
    value = worth(margin=[0.1, 0.2, 0.3]).clv
    assert value == pytest.approx(worth().clv * [0.1, 0.2, 0.3])


def test_parameters_may_be_draws() -> None:
    r = np.array([[0.2], [0.3]])
    drawn = BGNBD(r, np.full_like(r, 4.414), np.full_like(r, 0.793), np.full_like(r, 2.426))
    for histories in (PURCHASES, daily_histories(60)):
        spend = Spend(histories.x, np.full(len(histories), 30.0))
        both = v.residual_clv(drawn, GG, histories, spend, horizon=39.0, discount=0.0).clv
        second = BGNBD(0.3, 4.414, 0.793, 2.426)
        one = v.residual_clv(second, GG, histories, spend, horizon=39.0, discount=0.0).clv
        assert both.shape == (2, len(histories))
        assert both[1] == pytest.approx(one, rel=1e-9)


def test_a_discrete_model_is_never_asked_for_half_an_opportunity() -> None:
    model = BGBB(1.204, 0.750, 0.657, 2.783)
    T = np.arange(40.0, 120.0)
    history = Purchases(np.full(80, 30.0), T - 5, T)
    value = v.residual_clv(model, GG, history, Spend(T, T), horizon=5.0, discount=0.0)
    expected = model.expected_purchases(history, 5.0)
    assert value.expected_purchases == pytest.approx(expected, rel=1e-9)


def test_a_customer_who_is_gone_is_worth_nothing_whatever_was_paid() -> None:
    gone = Purchases([50], [5], [500])  # type: ignore[arg-type]
    value = v.residual_clv(BG, GG, gone, Spend([50], [1e6]), horizon=52, discount=0.0)  # type: ignore[arg-type]
    assert value.clv[0] < 1e-6


def test_no_customers_have_no_value() -> None:
    none = np.empty(0)
    value = v.residual_clv(
        BG, GG, Purchases(none, none, none), Spend(none, none), horizon=9, discount=0.0
    )
    assert value.clv.shape == (0,)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: worth(discount=-0.1),
        lambda: worth(horizon=None),
        lambda: worth(horizon=0.0),
        lambda: worth(horizon=np.inf, discount=0.1),
        lambda: v.continuous_discount(-1.0, periods_per_year=52),
        lambda: v.residual_clv(BG, GG, PURCHASES, SPEND.take(slice(2)), horizon=1, discount=0.0),
    ],
)
def test_terms_without_a_finite_value_are_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must be|above"):
        wrong()


def test_the_yearly_discount_is_paid_after_a_year_of_any_period() -> None:
    for periods in (365.25, 52.18, 12, 1):
        delta = v.continuous_discount(0.10, periods_per_year=periods)
        assert np.exp(-delta * periods) == pytest.approx(1 / 1.10)


def test_enough_buyers_get_the_gamma_gamma_model() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(1, 5, 2000).astype(float)
    spend = Spend(x, rng.gamma(6.25 * x) / x / rng.gamma(3.74, 1 / 15.44, 2000))
    fit = v.fit_spend(spend)
    assert not v.is_plain_mean(fit.model)
    assert float(fit.model.population_mean()) == pytest.approx(35.2, rel=0.1)


def test_too_few_buyers_get_the_plain_mean_of_all_orders() -> None:
    spend = Spend([3, 1, 0], [10, 50, 0])  # type: ignore[arg-type]
    fit = v.fit_spend(spend)
    assert v.is_plain_mean(fit.model)
    assert fit.at_bound == ("q",)
    assert fit.model.expected_spend(spend) == pytest.approx([20, 20, 20])


def test_the_plain_mean_knows_how_sure_it_is() -> None:
    rng = np.random.default_rng(2)
    fit = v.plain_mean(Spend(np.ones(4000), rng.gamma(4.0, 25.0, 4000)))
    assert fit.model.p == pytest.approx(4.0, rel=0.1)
    mean_error = fit.standard_errors["v"] / fit.model.v
    assert mean_error == pytest.approx(0.5 / np.sqrt(4000), rel=0.1)


def test_nothing_known_of_any_order_is_said() -> None:
    with pytest.raises(ValueError, match="no row has an order"):
        v.fit_spend(Spend([0, 0], [0, 0]))  # type: ignore[arg-type]


def test_orders_of_nothing_are_worth_nothing() -> None:
    spend = Spend([2, 3], [0, 0])  # type: ignore[arg-type]
    assert v.fit_spend(spend).model.expected_spend(spend) == pytest.approx([0, 0])
