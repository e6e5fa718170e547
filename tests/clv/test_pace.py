"""A pace is found where there is one, refused where there is none, and changes no calendar."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_sets import requires_data
from kizuna.clv import BGNBD, MBGNBD, ParetoNBD
from kizuna.clv.data import FloatArray, Purchases
from kizuna.clv.pace import COARSE_PATTERNS, Pace, PaceEstimate, RepeatAges, estimate_pace
from kizuna.clv.paced import Paced
from kizuna.clv.protocols import PurchaseModel
from purchase_logs import CDNOW_CUT, CDNOW_END, Log, cdnow, simulate

FAST = Pace(0.7, 6.8)
MODELS: list[PurchaseModel] = [
    BGNBD(0.243, 4.414, 0.793, 2.426),
    MBGNBD(0.525, 6.183, 0.891, 1.614),
    ParetoNBD(0.553, 10.578, 0.606, 11.669),
]
HISTORIES = Purchases(
    np.array([0.0, 1, 3, 0, 2]),
    np.array([0.0, 1, 2, 0, 30.43]),
    np.array([0.5, 2, 9, 38, 38.86]),
)
times = st.floats(0.01, 300.0)
paces = st.builds(Pace, st.floats(0.0, 5.0), st.floats(0.5, 30.0))


def estimated(log: Log, last_day: int) -> PaceEstimate:
    cut = log.cut(last_day, last_day)
    assert cut.ages is not None
    return estimate_pace(cut.purchases, cut.ages, BGNBD.fit)


def spread_over_the_day(purchases: Purchases, copies: int) -> Purchases:
    """Copy customers, each with purchases at other moments of the day: no two patterns alike."""
    rng = np.random.default_rng(0)
    T = purchases.T + rng.uniform(0, 0.1, (copies, len(purchases)))
    t_x = np.where(purchases.x > 0, purchases.t_x - rng.uniform(0, 0.1, T.shape), 0.0)
    return Purchases(np.tile(purchases.x, copies), t_x.ravel(), T.ravel())


def summed(model: PurchaseModel, horizon: float, discount: float) -> FloatArray:
    """Discounted purchases of `HISTORIES` by a fine sum, the second opinion."""
    t = np.linspace(0.0, horizon, 1001)
    expected = np.array([model.expected_purchases(HISTORIES, np.full(5, now)) for now in t])
    middle = np.exp(-discount * (t[1:] + t[:-1]) / 2)
    total: FloatArray = (middle[:, None] * np.diff(expected, axis=0)).sum(axis=0)
    return total


@given(paces, times, times)
def test_a_horizon_is_the_difference_of_two_elapsed_times(pace: Pace, age: float, h: float) -> None:
    difference = pace.elapsed(age + h) - pace.elapsed(age)
    assert pace.horizon(h, age) == pytest.approx(float(difference), rel=1e-9, abs=1e-9)


@given(paces, times)
def test_elapsed_time_is_the_integral_of_the_pace(pace: Pace, age: float) -> None:
    nodes, weights = np.polynomial.legendre.leggauss(400)
    integral = (weights * pace.at((nodes + 1) / 2 * age)).sum() * age / 2
    assert pace.elapsed(age) == pytest.approx(integral, rel=1e-6)


@given(times)
def test_without_a_lift_the_clock_is_the_calendar(h: float) -> None:
    assert Pace().horizon(h, 3.0) == pytest.approx(h)
    assert Pace().purchases(HISTORIES) is HISTORIES


def test_an_old_customer_lives_by_the_calendar() -> None:
    assert FAST.horizon(52.0) == pytest.approx(52.0)
    assert FAST.horizon(52.0, 40.0) == pytest.approx(52.0, abs=1e-9)
    assert FAST.horizon(52.0, 0.0) > 56.0


def test_the_unit_of_time_does_not_matter() -> None:
    in_days = Pace(0.7, 6.8 * 7).elapsed(21.0)
    assert in_days == pytest.approx(7 * FAST.elapsed(3.0))


@pytest.mark.parametrize("model", MODELS)
def test_a_steady_clock_is_the_model_itself(model: PurchaseModel) -> None:
    paced = Paced(model, Pace())
    for ask in ("expected_purchases", "expected_purchases_alive"):
        mine, plain = (getattr(m, ask)(HISTORIES, 39.0) for m in (paced, model))
        np.testing.assert_array_equal(mine, plain)
    np.testing.assert_array_equal(paced.p_alive(HISTORIES), model.p_alive(HISTORIES))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("horizon", [4.0, 39.0])
def test_discounted_purchases_are_the_sum_over_time(model: PurchaseModel, horizon: float) -> None:
    paced = Paced(model, FAST)
    found = paced.discounted_purchases(HISTORIES, discount=0.01, horizon=horizon)
    assert found == pytest.approx(summed(paced, horizon, 0.01), rel=1e-5)


@pytest.mark.parametrize("model", MODELS)
def test_a_far_horizon_comes_near_to_none(model: PurchaseModel) -> None:
    paced = Paced(model, FAST)
    far = paced.discounted_purchases(HISTORIES, discount=0.02, horizon=900.0)
    assert paced.discounted_purchases(HISTORIES, discount=0.02) == pytest.approx(far, rel=1e-5)


@pytest.mark.parametrize("model", MODELS)
def test_forgetting_the_young_would_show(model: PurchaseModel) -> None:
    """The twin of the sums above: a young customer's clock does run ahead."""
    paced = Paced(model, FAST)
    naive = model.discounted_purchases(FAST.purchases(HISTORIES), discount=0.01, horizon=39.0)
    right = paced.discounted_purchases(HISTORIES, discount=0.01, horizon=39.0)
    assert naive[0] < 0.97 * right[0]
    assert naive[4] == pytest.approx(right[4])


@pytest.mark.parametrize("model", MODELS)
def test_probabilities_of_counts_add_up_to_the_expectation(model: PurchaseModel) -> None:
    paced = Paced(model, FAST)
    counts = sum(paced.p_at_least(k, HISTORIES, 4.0) for k in range(1, 120))
    assert counts == pytest.approx(paced.expected_purchases(HISTORIES, 4.0), rel=1e-4)
    one = paced.p_exactly(1, HISTORIES, 4.0)
    assert one == pytest.approx(
        paced.p_at_least(1, HISTORIES, 4.0) - paced.p_at_least(2, HISTORIES, 4.0)
    )


def test_a_known_pace_is_recovered() -> None:
    truth = Pace(1.0, 5.0)
    found = estimated(simulate(6000, 273, seed=3, pace=truth), 272)
    assert found.supported
    assert found.pace.lift == pytest.approx(truth.lift, abs=0.25)
    assert found.pace.fade == pytest.approx(truth.fade, abs=1.2)


@pytest.mark.parametrize("seed", range(4))
def test_a_stationary_world_is_left_alone(seed: int) -> None:
    assert not estimated(simulate(3000, 273, seed=seed), 272).supported


def test_nothing_to_learn_from_gives_the_calendar() -> None:
    once = Purchases(np.zeros(5), np.zeros(5), np.full(5, 10.0))
    none = RepeatAges(np.arange(1.0, 11.0), np.zeros(10), 1.0)
    found = estimate_pace(once, none, BGNBD.fit)
    assert found.pace.steady
    assert not found.supported


def test_the_likelihood_counts_purchases_where_they_were_made() -> None:
    ages = RepeatAges.by_day([9, 0, 2], days_per_period=7)
    mean = FAST.horizon(1 / 7, 1 / 7) * 7
    assert ages.log_pace(FAST) == pytest.approx(2 * np.log(mean))


def test_many_patterns_are_rounded_without_losing_the_pace() -> None:
    cut = simulate(6000, 273, seed=3, pace=Pace(1.0, 5.0)).cut(272, 272)
    assert cut.ages is not None
    spread = spread_over_the_day(cut.purchases, copies=12)
    assert len(spread) > COARSE_PATTERNS
    ages = RepeatAges(cut.ages.age, 12 * cut.ages.count, cut.ages.step)
    found = estimate_pace(spread, ages, BGNBD.fit)
    assert found.pace.lift == pytest.approx(1.0, abs=0.3)


@requires_data
@pytest.mark.parametrize(
    ("customers", "lift", "fade"), [("sample", 0.70, 6.7), ("master", 0.62, 6.4)]
)
def test_new_customers_of_cdnow_buy_faster(customers: str, lift: float, fade: float) -> None:
    found = estimated(followed(cdnow(customers)), CDNOW_CUT)
    assert found.gain > 3 * found.price
    assert (found.pace.lift, found.pace.fade) == pytest.approx((lift, fade), abs=0.2)


def followed(log: Log) -> Log:
    keep = log.day <= CDNOW_END
    return Log(log.who[keep], log.day[keep])
