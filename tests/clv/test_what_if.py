"""Scenarios: what each lever moves, what stays, and how far the answer may be off."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest

from kizuna.clv.what_if import Change, Estimate, Known, Levers, Total, one_by_one, outcome

LOSSES = np.array([0.5, 0.65, 0.8, 1.0, 1.15, 1.3, 1.5])
DRAWS = 64


def known(*, rivals: tuple[float, ...] = (0.5,), margin: float = 0.4) -> Known:
    """Make figures that fall with the loss as loss^-power: 0.2 here, others in draws and rivals."""
    rng = np.random.default_rng(1)
    powers = np.concatenate([[0.2], rng.normal(0.2, 0.01, DRAWS), rivals])
    level = np.exp(np.concatenate([[0.0], rng.normal(0, 0.03, DRAWS), np.zeros(len(rivals))]))
    table = level[:, None] * LOSSES ** -powers[:, None]
    months = 0.25 * np.arange(1, 37) * table[..., None]
    money = Total(1000.0, 800.0, 1240.0, 0.02, 0.03)
    return Known(
        losses=LOSSES,
        draws=DRAWS,
        equity=table,
        purchases=table,
        kept=0.6 * table,
        new_purchases=3.0 * table,
        months=months,
        order_value=np.full(len(powers), 50.0),
        first_order=np.full(len(powers), 60.0),
        equity_now=money,
        purchases_now=Total(90.0, 80.0, 100.0, 0.02, 0.03),
        margin=margin,
    )


def same(change: Change) -> bool:
    return change.before == change.after and change.gain == Estimate(0.0, 0.0, 0.0)


def test_without_a_change_everything_is_as_published() -> None:
    found = outcome(known(), Levers(), 30.0)
    assert found.equity.before == Estimate(1000.0, 800.0, 1240.0)
    changes = (found.equity, found.purchases, found.kept, found.ltv, found.ratio, found.payback)
    assert all(change is not None and same(change) for change in changes)
    assert (found.curve_before == found.curve_after).all()


@pytest.mark.parametrize("lever", ["frequency", "basket", "margin"])
def test_money_is_proportional_to_what_is_not_a_loss(lever: str) -> None:
    found = outcome(known(), replace(Levers(), **{lever: 1.1})).equity
    assert astuple(found.after) == pytest.approx((1100.0, 880.0, 1364.0))
    assert astuple(found.gain) == pytest.approx((100.0, 80.0, 124.0))


def test_the_cost_of_winning_moves_payback_and_not_equity() -> None:
    found = outcome(known(), Levers(acquisition=0.5), 60.0)
    assert same(found.equity)
    assert same(found.ltv)
    assert found.ratio is not None
    assert found.payback is not None
    assert found.ratio.after.value == pytest.approx(2 * found.ratio.before.value)
    assert found.payback.after.value < found.payback.before.value


def test_basket_and_margin_do_not_move_purchases() -> None:
    assert same(outcome(known(), Levers(basket=1.3, margin=0.8)).purchases)


def test_a_slower_loss_is_worth_what_the_model_says() -> None:
    found = outcome(known(), Levers(loss=0.75)).equity
    assert found.after.value == pytest.approx(1000 * 0.75**-0.2, rel=1e-4)
    assert found.gain.low < found.gain.value < found.gain.high


def test_a_slower_loss_never_costs_money_in_any_model() -> None:
    assert outcome(known(), Levers(loss=0.8)).equity.gain.low > 0


def test_the_range_spans_what_other_models_say() -> None:
    alone = outcome(known(rivals=()), Levers(loss=0.8)).equity
    together = outcome(known(rivals=(0.05, 0.6)), Levers(loss=0.8)).equity
    assert together.gain.value == alone.gain.value
    assert together.gain.low < 0.5 * alone.gain.low
    assert together.gain.high > 2 * alone.gain.high
    assert together.after.high > alone.after.high


def test_the_gain_is_surer_than_the_difference_of_two_ranges() -> None:
    found = outcome(known(), Levers(frequency=1.1, loss=0.95)).equity
    apart = (found.after.high - found.before.low) - (found.after.low - found.before.high)
    assert found.gain.high - found.gain.low < 0.3 * apart


def test_payback_is_reached_between_two_months() -> None:
    found = outcome(known(), Levers(), 0.4 * (60.0 + 50.0 * 0.25 * 2.5)).payback
    assert found is not None
    assert found.before.value == pytest.approx(2.5)


def test_payback_beyond_what_is_known_is_endless() -> None:
    found = outcome(known(), Levers(basket=1.1), 1e6).payback
    assert found is not None
    assert np.isinf(found.before.value)
    assert np.isinf(found.after.high)
    assert found.gain.value == 0.0


def test_each_lever_by_itself() -> None:
    gains = {name: found.equity.gain.value for name, found in one_by_one(known(), 0.1)}
    assert gains["basket"] == gains["frequency"] == gains["margin"] == pytest.approx(100.0)
    assert 0 < gains["loss"] < 30


def test_a_margin_that_is_all_of_revenue_cannot_grow() -> None:
    assert "margin" not in dict(one_by_one(known(margin=1.0), 0.1))
