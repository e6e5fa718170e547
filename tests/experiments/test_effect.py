"""Effects are those of least squares, add up over parts, and own up to what they cannot tell."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.experiments.effect import Effect, effect, ratio_effect, stratified
from kizuna.experiments.interval import Interval, quantile, ratio_interval
from kizuna.experiments.moments import Moments

RNG = np.random.default_rng(3)
X = RNG.gamma(2.0, 10.0, (3_000, 2))
Y = X @ [1.0, 0.5] + RNG.normal(0, 5, 3_000)
HELD = RNG.random(3_000) < 0.3


def arms(y: np.ndarray = Y, x: np.ndarray = X) -> tuple[Moments, Moments]:
    return Moments.of(y[~HELD], *x[~HELD].T), Moments.of(y[HELD], *x[HELD].T)


def test_it_is_the_coefficient_of_least_squares() -> None:
    design = np.column_stack([np.ones(len(Y)), ~HELD, X])
    beta, residue, *_ = np.linalg.lstsq(design, Y, rcond=None)
    found = effect(*arms(), variance="pooled")
    assert found.difference == pytest.approx(beta[1])
    bread = np.linalg.inv(design.T @ design)[1, 1]
    assert found.error == pytest.approx((residue[0] / (len(Y) - 4) * bread) ** 0.5, rel=0.01)
    assert found.variance_removed > 0.9


def test_covariates_that_repeat_each_other_do_no_harm() -> None:
    doubled = np.column_stack([X, X[:, 0], np.ones(len(X)), 3.0 * X[:, 1] + 1.0])
    assert effect(*arms(x=doubled)).difference == pytest.approx(effect(*arms()).difference)


@given(st.floats(1e-3, 1e3), st.floats(-1e4, 1e4))
def test_units_of_money_and_of_covariates_do_not_matter(scale: float, shift: float) -> None:
    other = effect(*arms(Y * scale, X * 7.0 + shift))
    assert other.z == pytest.approx(effect(*arms()).z, rel=1e-4)


@given(st.integers(2, 2_998))
def test_parts_add_up_to_the_whole(cut: int) -> None:
    whole = Moments.of(Y, *X.T)
    parts = Moments.of(Y[:cut], *X[:cut].T) + Moments.of(Y[cut:], *X[cut:].T)
    assert parts.n == whole.n
    assert parts.scatter == pytest.approx(whole.scatter, rel=1e-9)
    again = Moments.from_json(whole.to_json())
    assert (again.mean == whole.mean).all()


def test_sums_of_an_engine_give_the_same() -> None:
    rows = np.column_stack([Y, X])
    summed = Moments.from_sums(len(Y), rows.sum(axis=0), rows.T @ rows)
    assert summed.scatter == pytest.approx(Moments.of(Y, *X.T).scatter, rel=1e-8)


def test_the_variance_of_a_small_control_is_drawn_toward_the_treated() -> None:
    t, c = Moments.of(RNG.normal(0, 10, 2_000)), Moments.of(RNG.normal(0, 1, 200))
    own, drawn = (effect(t, c, variance=v).control_error for v in ("own", "shrunk"))
    assert drawn**2 * 200 == pytest.approx((own**2 * 200 + t.variance) / 2)


def test_strata_with_other_shares_do_not_pass_for_an_effect() -> None:
    gold = Moments.of(RNG.normal(100, 5, 500)), Moments.of(RNG.normal(100, 5, 500))
    rest = Moments.of(RNG.normal(10, 5, 1_800)), Moments.of(RNG.normal(10, 5, 200))
    mixed = effect(gold[0] + rest[0], gold[1] + rest[1])
    assert abs(mixed.difference) > 20
    assert abs(stratified([gold, rest]).z) < 3


def test_a_stratum_without_controls_is_left_out_and_none_left_is_refused() -> None:
    lone = Moments.of(Y[:3], *X[:3].T), Moments.of(Y[:1], *X[:1].T)
    assert stratified([lone, arms()]).units == len(Y)
    with pytest.raises(ValueError, match="two units"):
        effect(*lone)


def test_an_outcome_that_never_varies_is_no_effect_for_certain() -> None:
    found = effect(Moments.of([5.0] * 10), Moments.of([5.0] * 10))
    assert (found.difference, found.error, found.z, found.p) == (0.0, 0.0, 0.0, 1.0)
    assert found.interval().sign == 0


def test_a_percentage_is_withheld_where_the_control_may_be_nothing() -> None:
    assert Effect(100, 100, 2.0, 1.0, 0.1, 0.3).relative() is None
    shown = Effect(100, 100, 2.0, 1.0, 0.1, 0.1).relative()
    assert shown
    assert shown.estimate == pytest.approx(1.0)
    assert shown.low < 1.0 < shown.high


def test_ratios_keep_the_customer_as_unit() -> None:
    orders = 1.0 + RNG.poisson(RNG.gamma(1.0, 2.0, 4_000))
    money = orders * RNG.gamma(20.0, 5.0, 4_000)
    held = np.arange(4_000) % 2 == 0
    t, c = (Moments.of(money[m], orders[m]) for m in (~held, held))
    found = ratio_effect(t, c, variance="own")
    assert found.control_mean == pytest.approx(money[held].sum() / orders[held].sum())
    drawn = [RNG.choice(np.flatnonzero(held), held.sum()) for _ in range(300)]
    again = np.std([money[d].sum() / orders[d].sum() for d in drawn])
    assert found.control_error == pytest.approx(again, rel=0.15)
    with pytest.raises(ValueError, match="bottom"):
        ratio_effect(Moments.of([1.0, 2.0], [0.0, 0.0]), c)


def test_fieller_holds_the_true_ratio_as_often_as_it_says() -> None:
    top, bottom = RNG.normal(3.0, 0.5, 4_000), RNG.normal(2.0, 0.3, 4_000)
    found = [
        ratio_interval(t, b, top_error=0.5, bottom_error=0.3)
        for t, b in zip(top, bottom, strict=True)
    ]
    assert np.mean([i is None or i.holds(1.5) for i in found]) == pytest.approx(0.9, abs=0.015)
    assert ratio_interval(3.0, 0.1, top_error=1.0, bottom_error=1.0) is None


def test_effects_and_intervals_survive_being_written() -> None:
    found = effect(*arms())
    assert Effect.from_dict(json.loads(json.dumps(found.to_dict(), sort_keys=True))) == found


def test_an_interval_mapped_by_a_negative_factor_keeps_its_order() -> None:
    assert Interval(1.0, 0.0, 3.0).mapped(-2.0, 1.0) == Interval(-1.0, -5.0, 1.0)
    assert quantile(0.9) == pytest.approx(1.6448536)
    assert quantile(0.9, 10) == pytest.approx(1.8124611)
    with pytest.raises(ValueError, match="level"):
        quantile(1.0)


def test_rows_that_are_no_numbers_are_named() -> None:
    with pytest.raises(ValueError, match="row 1"):
        Moments.of([1.0, np.nan])
