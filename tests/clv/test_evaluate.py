"""Scores say what they claim, on the numbers of the references, and do not depend on row order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from data_sets import cdnow_sample_histories, requires_data
from kizuna.clv import BGNBD, GammaGamma, ParetoNBD
from kizuna.clv import evaluate as ev
from kizuna.clv.data import FloatArray

RNG = np.random.default_rng(5)
WORTH = st.lists(st.integers(0, 4), min_size=2, max_size=30)


def bg_forecast() -> tuple[FloatArray, FloatArray]:
    """BG/NBD on CDNOW's sample: predicted and actual purchases of the 39 weeks held out."""
    h = cdnow_sample_histories()
    model = BGNBD.fit(h.purchases).model
    return model.expected_purchases(h.purchases, h.holdout_weeks), h.holdout_purchases


@requires_data
def test_bg_nbd_on_cdnow_scores_as_in_the_references() -> None:
    p, a = bg_forecast()
    scores = ev.mae(p, a), ev.rmse(p, a), ev.correlation(p, a), ev.bias(p, a)
    assert scores == pytest.approx((0.786, 1.608, 0.626, -0.121), abs=6e-4)
    assert (round(p.sum(), 1), a.sum()) == (1653.4, 1882)


@requires_data
def test_pareto_nbd_on_cdnow_scores_as_in_the_references() -> None:
    h = cdnow_sample_histories()
    p = ParetoNBD.fit(h.purchases).model.expected_purchases(h.purchases, h.holdout_weeks)
    a = h.holdout_purchases
    assert (ev.mae(p, a), ev.rmse(p, a)) == pytest.approx((0.7545, 1.6028), abs=6e-5)
    assert ev.bias(p, a) == pytest.approx(-0.115, abs=6e-4)


@requires_data
def test_own_rate_on_cdnow_scores_as_in_the_references() -> None:
    h = cdnow_sample_histories()
    p, a = h.purchases.x / h.purchases.T * h.holdout_weeks, h.holdout_purchases
    assert (round(p.sum()), ev.mae(p, a), ev.rmse(p, a)) == pytest.approx(
        (2930, 1.024, 2.212), abs=6e-4
    )


@requires_data
def test_predicting_zero_on_cdnow_scores_as_in_the_references() -> None:
    a = cdnow_sample_histories().holdout_purchases
    assert (ev.mae(0.0, a), ev.rmse(0.0, a)) == pytest.approx((0.7985, 2.2064), abs=6e-5)


@requires_data
def test_frequency_table_of_cdnow_is_that_of_the_references() -> None:
    rows = ev.frequency_table(cdnow_sample_histories().purchases.x, *bg_forecast())
    predicted = (0.225, 0.523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157)
    actual = (0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359)
    assert [r.predicted for r in rows] == pytest.approx(predicted, abs=6e-4)
    assert [r.actual for r in rows] == pytest.approx(actual, abs=6e-4)


@requires_data
def test_lifetime_value_ranks_cdnow_as_in_the_references() -> None:
    h = cdnow_sample_histories()
    spend = GammaGamma.fit(h.spend).model.expected_spend(h.spend)
    assert ev.normalised_gini(bg_forecast()[0] * spend, h.holdout_spend) == pytest.approx(
        0.638, abs=6e-4
    )


@requires_data
def test_bg_nbd_distributions_on_cdnow_cover_as_in_the_references() -> None:
    h = cdnow_sample_histories()
    model = BGNBD.fit(h.purchases).model
    a, terms = h.holdout_purchases, (h.purchases, h.holdout_weeks)
    below, up_to = 1 - model.p_at_least(a, *terms), 1 - model.p_at_least(a + 1, *terms)
    covered = [ev.coverage(below, up_to, level=level) for level in (0.9, 0.8)]
    assert covered == pytest.approx([0.892, 0.804], abs=0.008)


def test_bias_of_nothing_is_unknown_not_infinite() -> None:
    assert ev.bias([1.0, 2.0], [0.0, 0.0]) is None


def test_gini_is_one_for_the_right_order_and_minus_one_for_the_opposite() -> None:
    actual = np.array([0.0, 1.0, 2.0, 5.0])
    assert ev.normalised_gini(actual * 3, actual) == pytest.approx(1.0)
    assert ev.normalised_gini(-actual, actual) == pytest.approx(-1.0)


def test_a_forecast_that_ranks_nobody_has_gini_zero() -> None:
    assert ev.normalised_gini(np.ones(4), [0.0, 1.0, 2.0, 5.0]) == pytest.approx(0.0, abs=1e-12)


def test_gini_of_equal_customers_is_unknown() -> None:
    assert ev.normalised_gini([1.0, 2.0], [3.0, 3.0]) is None


@given(WORTH)
def test_ties_make_ranking_independent_of_the_order_of_rows(worth: list[int]) -> None:
    predicted = np.arange(len(worth)) // 3
    shuffled = np.random.default_rng(1).permutation(len(worth))
    straight = ev.normalised_gini(predicted, worth)
    again = ev.normalised_gini(predicted[shuffled], np.array(worth)[shuffled])
    assert again == (None if straight is None else pytest.approx(straight, abs=1e-9))


def test_breaking_ties_by_row_order_would_show() -> None:
    """The twin of the test above: without groups of equals, sorted rows look like skill."""
    actual, same = np.array([0.0, 0.0, 1.0, 5.0]), np.ones(4)
    naive = 1 - 2 * np.trapezoid(np.append(0, np.cumsum(actual[np.argsort(same)])) / 6, dx=0.25)
    assert naive > 0.5
    assert ev.normalised_gini(same, actual) == pytest.approx(0.0, abs=1e-12)


def test_a_weight_of_k_is_k_customers() -> None:
    p, a, w = RNG.gamma(1, 1, 50), RNG.poisson(1.0, 50), RNG.integers(1, 4, 50)
    long = np.repeat(p, w), np.repeat(a, w)
    for metric in (ev.rmse, ev.mae, ev.bias, ev.normalised_gini, ev.calibration_slope):
        assert metric(p, a, w) == pytest.approx(metric(*long))  # type: ignore[operator]
    tables = ev.decile_table(p, a, w), ev.decile_table(*long)
    for one, other in zip(*tables, strict=True):
        assert (one.predicted, one.actual) == pytest.approx((other.predicted, other.actual))


def test_deciles_hold_equally_many_customers_and_lose_no_purchase() -> None:
    p, a = RNG.gamma(1, 1, 1003).round(1), RNG.poisson(1.0, 1003)
    rows = ev.decile_table(p, a)
    assert [r.label for r in rows] == [str(i) for i in range(1, 11)]
    assert sum(r.customers * r.actual for r in rows) == pytest.approx(a.sum())
    assert sum(r.customers * r.predicted for r in rows) == pytest.approx(p.sum())


def test_deciles_rise_with_the_prediction() -> None:
    p = RNG.gamma(1, 1, 1000)
    predicted = [r.predicted for r in ev.decile_table(p, p)]
    assert predicted == sorted(predicted)


def test_a_calibrated_forecast_of_counts_covers_what_it_says() -> None:
    mean = RNG.gamma(1, 1, 20_000)
    actual = RNG.poisson(mean)
    below, up_to = poisson.cdf(actual - 1, mean), poisson.cdf(actual, mean)
    assert ev.coverage(below, up_to, level=0.9) == pytest.approx(0.9, abs=0.006)


def test_a_forecast_that_is_too_sure_covers_less() -> None:
    mean = RNG.gamma(1, 1, 20_000) + 3
    actual = RNG.poisson(mean * RNG.gamma(2, 0.5, 20_000))
    below, up_to = poisson.cdf(actual - 1, mean), poisson.cdf(actual, mean)
    assert ev.coverage(below, up_to, level=0.9) < 0.8


def test_a_sure_forecast_that_is_right_is_covered() -> None:
    assert ev.coverage([0.0], [1.0], level=0.9) == pytest.approx(0.9)


def test_the_truth_has_the_best_log_score() -> None:
    actual = RNG.binomial(5, 0.3, 5000)
    scores = {p: ev.log_score(binom.pmf(actual, 5, p)) for p in (0.2, 0.3, 0.4)}
    assert max(scores, key=scores.__getitem__) == 0.3


def test_an_impossible_outcome_costs_much_but_not_everything() -> None:
    assert np.isfinite(ev.log_score([0.0, 1.0]))


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        ev.rmse([1.0, 2.0], [1.0, 2.0], [1.0])
