"""A customer's own chance lies within what is told of it, whatever rates are hers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from kizuna.clv.data import FloatArray, Purchases
from kizuna.clv.models import BGNBD, MBGNBD, ParetoNBD
from kizuna.clv.own_rates import Own, own_chances
from kizuna.clv.pace import Pace
from kizuna.clv.paced import Paced

CUSTOMERS, HORIZON, NOTHING = 4_000, 180.0, 1e-6
BY_PURCHASE = {
    "bg_nbd": BGNBD(0.9, 80.0, 0.6, 1.8),
    "mbg_nbd": MBGNBD(0.9, 80.0, 0.6, 1.8),
}
AT_ANY_TIME = ParetoNBD(0.9, 80.0, 1.2, 500.0)


def leaving_after_a_purchase(model: BGNBD | MBGNBD) -> tuple[Purchases, FloatArray]:
    """Draw histories, and the chance of no purchase that each customer's own rates give."""
    rng = np.random.default_rng(3)
    buying = rng.gamma(model.r, 1 / model.alpha, CUSTOMERS)
    leaving = np.clip(rng.beta(model.a, model.b, CUSTOMERS), 1e-12, 1 - 1e-12)
    T, first = rng.uniform(30, 1_000, CUSTOMERS), isinstance(model, MBGNBD)
    moments = rng.poisson(buying * T)
    x = np.minimum(moments, rng.geometric(leaving) - first).astype(float)
    t_x = np.where(x > 0, T * rng.beta(np.maximum(x, 1), moments - x + 1), 0.0)
    odds = leaving / (1 - leaving) * np.exp(np.minimum(buying * (T - t_x), 600))
    alive = np.where(x + first > 0, 1 / (1 + odds), 1.0)
    return Purchases(x, t_x, T), 1 - alive * -np.expm1(-buying * HORIZON)


def leaving_at_any_time() -> tuple[Purchases, FloatArray]:
    rng, model = np.random.default_rng(4), AT_ANY_TIME
    buying = rng.gamma(model.r, 1 / model.alpha, CUSTOMERS)
    leaving = rng.gamma(model.s, 1 / model.beta, CUSTOMERS)
    T = rng.uniform(30, 1_000, CUSTOMERS)
    there = np.minimum(rng.exponential(1 / leaving), T)
    x = rng.poisson(buying * there).astype(float)
    t_x = np.where(x > 0, there * rng.beta(np.maximum(x, 1), 1), 0.0)
    both = buying + leaving
    alive = 1 / (1 + leaving / both * np.expm1(np.minimum(both * (T - t_x), 600)))
    idle = np.exp(-both * HORIZON) - leaving / both * np.expm1(-both * HORIZON)
    return Purchases(x, t_x, T), 1 - alive * (1 - idle)


def covered(
    model: MBGNBD | BGNBD | ParetoNBD, own: Own, data: Purchases, true: FloatArray
) -> FloatArray:
    """Share covered, of each fifth by estimate."""
    found = 1 - model.p_at_least(1, data, HORIZON)
    odds = logit(np.clip(found, 1e-9, 1 - 1e-9))
    low, high = expit(odds - own.below), expit(odds + own.above)
    inside = (low <= true + NOTHING) & (true <= high + NOTHING)
    return np.array([part.mean() for part in np.array_split(inside[np.argsort(found)], 5)])


@pytest.mark.parametrize("name", [*BY_PURCHASE, "pareto_nbd"])
def test_nine_of_ten_own_chances_lie_within_their_bounds(name: str) -> None:
    model = BY_PURCHASE.get(name, AT_ANY_TIME)
    data, true = leaving_at_any_time() if name == "pareto_nbd" else leaving_after_a_purchase(model)
    share = covered(model, own_chances(model, data, HORIZON), data, true)
    assert share.mean() == pytest.approx(0.9, abs=0.04)
    assert share.min() > 0.8


def test_the_mean_of_all_alone_covers_hardly_anybody() -> None:
    data, true = leaving_at_any_time()
    blind = Own(np.full(len(data), 0.3), np.full(len(data), 0.3))
    assert covered(AT_ANY_TIME, blind, data, true).mean() < 0.4


def test_few_customers_are_told_what_many_are() -> None:
    data, _ = leaving_at_any_time()
    all_of_them, some = (
        own_chances(AT_ANY_TIME, rows, HORIZON) for rows in (data, data.take(np.arange(5)))
    )
    assert some.below.tolist() == all_of_them.below[:5].tolist()
    assert not len(own_chances(AT_ANY_TIME, data.take(np.arange(0)), HORIZON).above)


def test_a_clock_of_its_own_and_extreme_histories_are_answered() -> None:
    model = Paced(AT_ANY_TIME, Pace())
    odd = Purchases(
        np.array([0.0, 5_000.0, 2.0]), np.array([0.0, 9_999.0, 1.0]), np.array([0.0, 1e4, 1e6])
    )
    found = own_chances(model, odd, HORIZON)
    assert (np.isfinite(found.below) & (found.below >= 0)).all()
    assert (np.isfinite(found.above) & (found.above >= 0)).all()


def test_a_model_in_which_hardly_anybody_ever_leaves_is_told_of_too() -> None:
    """Its density of leaving is no number that a computer holds, unless as a logarithm."""
    model = ParetoNBD(r=1.07, alpha=50.7, s=10_000.0, beta=4_607_261.0)
    rows = Purchases(np.array([0.0, 5.0]), np.array([0.0, 90.0]), np.array([100.0, 100.0]))
    own = own_chances(model, rows, horizon=180.0)
    assert np.isfinite(own.below).all()
    assert np.isfinite(own.above).all()
