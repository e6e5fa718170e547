"""A 90 % interval of one customer holds what nine in ten such customers really do."""

from __future__ import annotations

import numpy as np
import pytest

from data_sets import cdnow_sample_histories, requires_data
from kizuna.clv import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD, Purchases, Spend
from kizuna.clv import intervals as i
from kizuna.clv.evaluate import coverage
from kizuna.clv.pace import Pace
from kizuna.clv.paced import Paced
from kizuna.clv.protocols import PurchaseModel
from kizuna.clv.simulate import ContinuousModel, simulate_future, simulate_purchases
from kizuna.clv.value import plain_mean, residual_clv

BG = BGNBD(0.243, 4.414, 0.793, 2.426)
PARETO = ParetoNBD(0.553, 10.578, 0.606, 11.669)
MODELS: list[ContinuousModel] = [BG, PARETO, MBGNBD(0.525, 6.183, 0.891, 1.614)]
GG = GammaGamma(6.25, 3.74, 15.44)
CUSTOMERS = 4000


def known_world(model: ContinuousModel) -> tuple[Purchases, Spend, np.ndarray, np.ndarray]:
    """Histories at daily ages with their spend, and what really follows in 39 weeks."""
    rng = np.random.default_rng(7)
    p = simulate_purchases(model, rng.integers(70, 400, CUSTOMERS) / 7.0, rng)
    rate = rng.gamma(GG.q, 1 / GG.v, CUSTOMERS)
    future = simulate_future(model, p, 39.0, rng)
    paid, later = (rng.gamma(np.maximum(GG.p * n, 1e-9)) / rate * (n > 0) for n in (p.x, future))
    return p, Spend(p.x, paid / np.maximum(p.x, 1)), future, later


def bounds(
    model: PurchaseModel, p: Purchases, s: Spend, gg: GammaGamma = GG, **terms: object
) -> i.PredictiveIntervals:
    chosen = {"horizon": 39.0, "discount": 0.0} | terms
    return i.predictive_intervals(model, gg, p, s, **chosen)  # type: ignore[arg-type]


def four(b: i.PredictiveIntervals) -> np.ndarray:
    return np.stack(
        [
            b.expected_purchases_low,
            b.expected_purchases_high,
            b.residual_clv_low,
            b.residual_clv_high,
        ]
    )


@pytest.mark.parametrize("model", MODELS)
def test_counts_are_the_exact_quantiles(model: ContinuousModel) -> None:
    p, s, *_ = known_world(model)
    b = bounds(model, p, s)
    for bound, tail in ((b.expected_purchases_low, 0.95), (b.expected_purchases_high, 0.05)):
        assert (model.p_at_least(bound + 1, p, 39.0) <= tail + 1e-6).all()
        assert ((model.p_at_least(bound, p, 39.0) > tail - 1e-6) | (bound == 0)).all()


@pytest.mark.parametrize("model", MODELS)
def test_one_in_twenty_ends_above_the_high_bound(model: ContinuousModel) -> None:
    p, s, future, later = known_world(model)
    b = bounds(model, p, s)
    possible = model.p_at_least(1, p, 39.0) > 0.05
    above = (later > b.residual_clv_high)[possible]
    assert above.mean() == pytest.approx(0.05, abs=3 * np.sqrt(0.0475 / len(above)))
    assert (future > b.expected_purchases_high).mean() < 0.05
    assert (later < b.residual_clv_low).mean() < 0.05


@pytest.mark.parametrize("wrong", [GG.p, 1 / GG.p])
def test_a_wrong_scale_of_money_would_be_noticed(wrong: float) -> None:
    p, s, _, later = known_world(BG)
    b = bounds(BG, p, Spend(s.x, s.mean * wrong))
    above = (later > b.residual_clv_high)[BG.p_at_least(1, p, 39.0) > 0.05].mean()
    assert abs(above - 0.05) > 0.01


@pytest.mark.parametrize("model", MODELS)
def test_the_bounds_are_those_of_a_brute_force_simulation(model: ContinuousModel) -> None:
    rng, n = np.random.default_rng(3), 200_000
    one, spend = Purchases([6], [30], [39]), Spend([6], [40])  # type: ignore[arg-type]
    count = simulate_future(model, one.take(np.zeros(n, np.intp)), 39.0, rng)
    rate = rng.gamma(GG.q + 6 * GG.p, 1 / (GG.v + 240), n)
    paid = rng.gamma(np.maximum(GG.p * count, 1e-9)) / rate * (count > 0)
    b = bounds(model, one, spend)
    assert b.expected_purchases_high[0] == np.quantile(count, 0.95)
    assert b.residual_clv_high[0] == pytest.approx(np.quantile(paid, 0.95), rel=0.015)


@pytest.mark.parametrize("model", [*MODELS, Paced(BG, Pace(0.7, 4.0))])
def test_the_intervals_of_all_levels_average_to_the_value(model: PurchaseModel) -> None:
    p, s = Purchases([4, 9], [20, 35], [39, 39]), Spend([4, 9], [30, 60])  # type: ignore[arg-type]
    levels = np.linspace(0.005, 0.995, 100)
    ends = [four(bounds(model, p, s, level=float(q), discount=0.002)) for q in levels]
    mean = np.mean(ends, axis=0)
    value = residual_clv(model, GG, p, s, horizon=39.0, discount=0.002)
    assert (mean[2] + mean[3]) / 2 == pytest.approx(value.clv, rel=0.03)
    assert (mean[0] + mean[1]) / 2 == pytest.approx(value.expected_purchases, rel=0.03)


@requires_data
@pytest.mark.parametrize("model", MODELS)
def test_cdnow_customers_end_inside_their_intervals(model: ContinuousModel) -> None:
    h = cdnow_sample_histories()
    b = bounds(model, h.purchases, h.spend)
    below = 1 - model.p_at_least(h.holdout_purchases, h.purchases, 39.0)
    up_to = 1 - model.p_at_least(h.holdout_purchases + 1, h.purchases, 39.0)
    assert coverage(below, up_to) == pytest.approx(0.89, abs=0.01)
    inside = (h.holdout_spend >= b.residual_clv_low) & (h.holdout_spend <= b.residual_clv_high)
    assert 0.90 < inside.mean() < 0.94
    count = h.holdout_purchases
    held = (count >= b.expected_purchases_low) & (count <= b.expected_purchases_high)
    assert held.mean() == pytest.approx(0.946, abs=0.006)


def test_intervals_widen_with_the_horizon_and_nest_by_level() -> None:
    p, s, *_ = known_world(BG)
    near, far = four(bounds(BG, p, s, horizon=13.0)), four(bounds(BG, p, s, horizon=52.0))
    assert (far[[1, 3]] >= near[[1, 3]]).all()
    inner = four(bounds(BG, p, s, level=0.5))
    outer = four(bounds(BG, p, s, level=0.9))
    assert (outer[[0, 2]] <= inner[[0, 2]]).all()
    assert (outer[[1, 3]] >= inner[[1, 3]]).all()


def test_low_lies_below_the_expectation_and_high_above_unless_the_customer_is_lost() -> None:
    p, s, *_ = known_world(BG)
    value, b = residual_clv(BG, GG, p, s, horizon=39.0, discount=0.0), bounds(BG, p, s)
    assert (b.residual_clv_low <= value.clv).all()
    likely = BG.p_at_least(1, p, 39.0) > 0.3
    assert (b.residual_clv_high >= value.clv)[likely].all()
    assert (b.residual_clv_high[BG.p_at_least(1, p, 39.0) <= 0.05] == 0).all()


def test_weeks_or_days_and_yen_or_hundreds_give_the_same_bounds() -> None:
    p, s, *_ = known_world(BG)
    weeks = four(bounds(BG, p, s, discount=0.01))
    daily, cheap = BGNBD(BG.r, BG.alpha * 7, BG.a, BG.b), GammaGamma(GG.p, GG.q, GG.v * 100)
    other = bounds(
        daily, p.scaled(7.0), Spend(s.x, s.mean * 100), cheap, horizon=273.0, discount=0.01 / 7
    )
    assert four(other)[:2] == pytest.approx(weeks[:2])
    assert four(other)[2:] == pytest.approx(weeks[2:] * 100, rel=2e-3)


def test_margin_and_discount_scale_the_money_alone() -> None:
    p, s, *_ = known_world(BG)
    plain = four(bounds(BG, p, s))
    margin = np.linspace(0.1, 0.5, CUSTOMERS)
    assert four(bounds(BG, p, s, margin=margin))[2:] == pytest.approx(plain[2:] * margin)
    later = four(bounds(BG, p, s, discount=0.01))
    assert (later[:2] == plain[:2]).all()
    assert (later[3] <= plain[3]).all()


@pytest.mark.parametrize("model", [BG, PARETO])
def test_blocks_and_threads_give_the_bounds_of_one_pass(model: ContinuousModel) -> None:
    p, s, *_ = known_world(model)
    whole = four(bounds(model, p, s))
    assert (four(bounds(model, p, s, threads=3)) == whole).all()
    parts = [slice(0, 1500), slice(1500, None)]
    apart = np.hstack([four(bounds(model, p.take(r), s.take(r))) for r in parts])
    assert apart[:2] == pytest.approx(whole[:2])
    assert apart[2:] == pytest.approx(whole[2:], rel=5e-3, abs=1e-3)


def test_rounded_ages_move_no_bound_noticeably(monkeypatch: pytest.MonkeyPatch) -> None:
    p, s, *_ = known_world(BG)
    exact = four(bounds(BG, p, s))
    monkeypatch.setattr(i, "MANY_STATES", 0)
    rounded = four(bounds(BG, p, s))
    assert (rounded[:2] != exact[:2]).mean() < 0.01
    assert np.abs(rounded[3].sum() / exact[3].sum() - 1) < 1e-3


def test_busy_customers_share_bins_and_stay_within_one_percent() -> None:
    x = np.array([300.0, 900.0, 2000.0])
    p = Purchases(x, np.full(3, 50.0), np.full(3, 50.1))
    b = bounds(BG, p, Spend(x, np.full(3, 20.0)))
    for bound, tail in ((b.expected_purchases_low, 0.95), (b.expected_purchases_high, 0.05)):
        assert (BG.p_at_least(bound * 1.01 + 1, p, 39.0) < tail).all()
        assert (BG.p_at_least(bound * 0.99 - 1, p, 39.0) > tail).all()


def test_a_discrete_model_keeps_its_whole_opportunities() -> None:
    T = np.arange(80.0, 180.0)
    p, model = Purchases(np.floor(T * 0.9), T - 1, T), BGBB(2.0, 0.5, 0.6, 20.0)
    b = bounds(model, p, Spend(p.x, np.full(100, 30.0)), horizon=20.0, discount=0.01)
    assert (model.p_at_least(b.expected_purchases_high + 1, p, 20.0) <= 0.05).all()
    assert (b.expected_purchases_high <= 20).all()


def test_orders_of_unknown_value_are_allowed() -> None:
    p = Purchases([5, 5], [30, 30], [39, 39])  # type: ignore[arg-type]
    b = bounds(BG, p, Spend([5, 1], [30, 30]))  # type: ignore[arg-type]
    assert b.expected_purchases_high[0] == b.expected_purchases_high[1]
    assert b.residual_clv_high[0] != b.residual_clv_high[1]


def test_under_a_plain_mean_of_equal_orders_money_is_counts_times_the_mean() -> None:
    p, s, *_ = known_world(BG)
    fit = plain_mean(Spend(s.x, np.full(CUSTOMERS, 50.0)))
    b = bounds(BG, p, s, fit.model)
    assert b.residual_clv_high == pytest.approx(50 * b.expected_purchases_high, rel=0.05, abs=1)


def test_the_lost_and_the_absent_have_bounds_of_nothing() -> None:
    gone, none = Purchases([50], [5], [500]), np.empty(0)  # type: ignore[arg-type]
    assert (four(bounds(BG, gone, Spend([50], [1e6]))) == 0).all()  # type: ignore[arg-type]
    empty = bounds(BG, Purchases(none, none, none), Spend(none, none))
    assert four(empty).shape == (4, 0)


def test_customers_of_today_have_bounds_too() -> None:
    new = Purchases([0, 0], [0, 0], [0, 1e-9])  # type: ignore[arg-type]
    result = four(bounds(BG, new, Spend([0, 0], [0, 0])))  # type: ignore[arg-type]
    assert np.isfinite(result).all()
    assert (result[3] > 0).all()
