"""The back-test forecasts what it has not seen, and decides nothing by looking at the future."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from data_sets import cdnow_sample_histories, requires_data
from kizuna.clv import BGNBD, MBGNBD, GammaGamma
from kizuna.clv import back_test as bt
from kizuna.clv.data import Purchases
from kizuna.clv.pace import Pace, estimate_pace
from kizuna.clv.paced import Paced
from kizuna.clv.portfolio import portfolio_interval
from kizuna.clv.scores import baselines, score
from kizuna.clv.tracking import expected_by_day
from kizuna.clv.value import fit_spend
from purchase_logs import CDNOW_CUT, CDNOW_END, FITTERS, Log, cdnow, simulate


def run(log: Log, last_day: int, until: int) -> bt.BackTest:
    return bt.back_test(log.cut(last_day, until), log.earlier(last_day), FITTERS)


@cache
def on_cdnow() -> bt.BackTest:
    return run(cdnow(), CDNOW_CUT, CDNOW_END)


def in_paced_world(seed: int) -> tuple[bt.Candidate, bt.Candidate]:
    """Scores of BG/NBD with and without its pace, where new customers do buy faster."""
    log = simulate(4000, 546, seed=seed, pace=Pace(1.0, 5.0))
    cut, earlier = log.cut(CDNOW_CUT, CDNOW_END), log.earlier(CDNOW_CUT)
    result = bt.back_test(cut, earlier, {"bg_nbd": BGNBD.fit})
    return result.candidates[0], result.plain[0]


def named(result: bt.BackTest, name: str) -> bt.Candidate:
    return next(c for c in result.candidates if c.name == name)


@requires_data
def test_without_a_pace_the_scores_are_those_of_the_literature() -> None:
    plain = {c.name: (c.rmse, c.mae, c.bias) for c in on_cdnow().plain}
    assert plain["bg_nbd"] == pytest.approx((1.6080, 0.7855, -0.1214), abs=1e-4)
    assert plain["mbg_nbd"] == pytest.approx((1.6072, 0.7648, -0.1622), abs=1e-4)
    assert plain["pareto_nbd"] == pytest.approx((1.6028, 0.7545, -0.1150), abs=1e-4)


@requires_data
def test_baselines_score_as_in_the_references() -> None:
    zero, own = named(on_cdnow(), "zero"), named(on_cdnow(), "own_rate")
    assert (zero.rmse, zero.mae, zero.bias) == pytest.approx((2.2064, 0.7985, -1.0), abs=1e-4)
    assert (own.rmse, own.mae, own.bias) == pytest.approx((2.2119, 1.0237, 0.557), abs=1e-3)


@requires_data
def test_the_pace_takes_half_the_bias_of_bg_nbd_on_cdnow_and_costs_no_rmse() -> None:
    result = on_cdnow()
    assert result.choice.name == "bg_nbd"
    chosen, plain = named(result, "bg_nbd"), result.plain[0]
    assert chosen.bias == pytest.approx(-0.066, abs=0.005)
    assert chosen.rmse < plain.rmse
    assert chosen.gini > plain.gini  # type: ignore[operator]
    assert chosen.log_score > plain.log_score + 0.014  # type: ignore[operator]


@requires_data
def test_what_bias_remains_on_cdnow_is_three_episodes_that_nobody_could_foresee() -> None:
    """On ordinary days of the full cohort the chosen model is right; see the decision record."""
    log = cdnow("master")
    cut = log.cut(CDNOW_CUT, CDNOW_END)
    assert cut.ages is not None
    pace = estimate_pace(cut.purchases, cut.ages, BGNBD.fit).pace
    forecast = bt.fit_forecast("bg_nbd", BGNBD.fit, cut.purchases, pace)
    days = np.arange(CDNOW_CUT + 1, CDNOW_END + 1)
    first = log.first[log.who]
    actual = np.bincount(log.day[log.day > first], minlength=CDNOW_END + 1)[days]
    acquired = np.bincount(log.first)
    expected = expected_by_day(forecast.model, acquired, CDNOW_END + 1, days_per_period=7)[days]
    episodes = [(308, 349), (420, 461), (518, 531)]
    odd = np.any([(days >= a) & (days <= b) for a, b in episodes], axis=0)
    assert expected[~odd].sum() / actual[~odd].sum() == pytest.approx(1.02, abs=0.015)
    assert expected[odd].sum() / actual[odd].sum() == pytest.approx(0.77, abs=0.02)


@requires_data
def test_the_interval_of_the_total_made_before_the_holdout_contains_it() -> None:
    result, h = on_cdnow(), cdnow_sample_histories()
    forecast = result.chosen
    assert forecast.paced_fit is not None
    terms = {"horizon": h.holdout_weeks, "discount": 0.0}
    found = portfolio_interval(
        forecast.paced_fit,
        fit_spend(h.spend),
        h.purchases,
        h.spend,
        model_error=result.model_error.sd,
        back_tests=result.model_error.back_tests,
        as_used=lambda model: Paced(model, forecast.pace),
        **terms,
    )
    assert found.purchases.low < 1882 < found.purchases.high
    assert found.purchases.high / found.purchases.value < 1.25


@requires_data
def test_the_decision_for_a_pace_does_not_see_the_holdout() -> None:
    log = cdnow()
    cut, earlier = log.cut(CDNOW_CUT, CDNOW_END), log.earlier(CDNOW_CUT)
    other = replace(cut, actual=cut.actual[::-1].copy())
    fitters = {"bg_nbd": BGNBD.fit, "mbg_nbd": MBGNBD.fit}
    results = [bt.back_test(c, earlier, fitters) for c in (cut, other)]
    assert results[0].paces == results[1].paces
    assert results[0].forecasts["bg_nbd"].model == results[1].forecasts["bg_nbd"].model


@requires_data
def test_past_spend_ranks_cdnow_better_than_lifetime_value_and_is_named() -> None:
    h = cdnow_sample_histories()
    value = GammaGamma.fit(h.spend).model.expected_spend(h.spend)
    cut = bt.Cut(
        h.purchases,
        h.holdout_purchases,
        h.holdout_weeks,
        past_spend=h.spend.x * h.spend.mean,
        order_value=value,
        actual_spend=h.holdout_spend,
    )
    result = bt.back_test(cut, [], {"bg_nbd": BGNBD.fit})
    assert named(result, "bg_nbd").gini == pytest.approx(0.638, abs=1e-3)
    assert named(result, "bg_nbd").predicted_spend == pytest.approx(59_932, abs=60)
    assert "past_spend" in [b.name for b in result.choice.beaten_by if b.measure == "gini"]


@pytest.mark.parametrize("seed", range(2))
def test_in_a_stationary_world_nothing_is_corrected(seed: int) -> None:
    result = run(simulate(2000, 546, seed=seed), CDNOW_CUT, CDNOW_END)
    assert not any(report.used for report in result.paces.values())
    assert result.plain == ()
    assert all(f.model.model is f.fit.model for f in result.forecasts.values())


def test_in_worlds_with_a_pace_the_correction_removes_the_bias() -> None:
    found = [in_paced_world(seed) for seed in range(9, 13)]
    corrected, plain = ([c.bias or 0.0 for c in side] for side in zip(*found, strict=True))
    assert np.mean(plain) < -0.07
    assert abs(np.mean(corrected)) < 0.03
    assert all((c.log_score or 0) > (p.log_score or 0) for c, p in found)


def test_a_pace_that_earlier_forecasts_speak_against_is_refused() -> None:
    log = simulate(4000, 546, seed=8, pace=Pace(1.0, 5.0))
    supported = bt.back_test(log.cut(272, 545), [], {"bg_nbd": BGNBD.fit}).paces["bg_nbd"]
    assert supported.pace.lift > 0
    assert replace(supported, gains=(-0.5, 0.1, 0.1)).pace == Pace()


def test_patterns_with_weights_score_like_customers() -> None:
    cut = simulate(800, 400, seed=1).cut(272, 399)
    rows, index = np.unique(
        np.column_stack([cut.purchases.x, cut.purchases.t_x, cut.purchases.T, cut.actual]),
        axis=0,
        return_counts=True,
    )
    patterns = replace(
        cut, purchases=Purchases(*rows.T[:3], index.astype(float)), actual=rows[:, 3]
    )
    forecast = bt.fit_forecast("bg_nbd", BGNBD.fit, cut.purchases)
    one, other = score(forecast, cut), score(forecast, patterns)
    assert (one.rmse, one.gini, one.log_score, one.coverage_90) == pytest.approx(
        (other.rmse, other.gini, other.log_score, other.coverage_90)
    )


def test_a_customer_of_today_has_no_own_rate() -> None:
    cut = bt.Cut(Purchases(np.zeros(1), np.zeros(1), np.zeros(1)), np.ones(1), 10.0)
    assert [c.predicted_purchases for c in baselines(cut)] == [0.0, 0.0]


def test_earlier_cut_offs_leave_room_on_both_sides() -> None:
    assert bt.earlier_cut_offs(273) == (136, 182, 228)
    assert bt.earlier_cut_offs(90) == (45, 60)
    assert bt.earlier_cut_offs(40) == ()
