"""Scores of probabilities: against brute force, and against forecasts whose fault is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from kizuna.experience.calibration import (
    auc,
    calibration,
    ece,
    excess_error,
    precision_at,
    recalibration,
    reliability,
    share_interval,
)

RNG = np.random.default_rng(3)
ODDS = RNG.normal(-1.0, 1.2, 20_000)
LEFT = RNG.random(20_000) < expit(ODDS)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
@settings(max_examples=60, deadline=None)
def test_auc_is_the_share_of_pairs_ranked_right_and_ties_count_half(
    rows: list[tuple[int, bool]],
) -> None:
    yes = [p for p, y in rows if y]
    no = [p for p, y in rows if not y]
    pairs = [(a > b) + (a == b) / 2 for a in yes for b in no]
    wanted = sum(pairs) / len(pairs) if pairs else 0.5
    found, _error = auc([p / 5 for p, _y in rows], [y for _p, y in rows])
    assert found == pytest.approx(wanted)


def test_true_probabilities_are_calibrated() -> None:
    score = calibration(expit(ODDS), LEFT)
    assert score.slope == pytest.approx(1.0, abs=0.05)
    assert score.intercept == pytest.approx(0.0, abs=0.05)
    assert score.ece < 0.02
    assert score.brier < score.brier_of_rate
    assert score.has_signal


def test_boasting_shows_in_the_slope_and_not_in_the_rank() -> None:
    boasting, honest = calibration(expit(3 * ODDS), LEFT), calibration(expit(ODDS), LEFT)
    assert boasting.slope == pytest.approx(honest.slope / 3, abs=0.02)
    assert boasting.auc == pytest.approx(honest.auc)
    assert boasting.ece > 0.05


def test_chance_has_no_signal() -> None:
    assert not calibration(RNG.random(2_000) * 0.2 + 0.2, LEFT[:2_000]).has_signal
    assert not calibration(0.3, LEFT[:2_000]).has_signal


@pytest.mark.parametrize("happened", [np.zeros(5), np.ones(5)])
def test_where_it_happened_to_all_or_none_nothing_is_claimed(happened: np.ndarray) -> None:
    score = calibration(np.linspace(0.1, 0.9, 5), happened)
    assert (score.auc, score.slope, score.intercept) == (0.5, 1.0, 0.0)
    assert not score.has_signal


def test_bins_hold_as_many_rows_and_equal_forecasts_stay_together() -> None:
    bins = reliability(expit(ODDS), LEFT)
    assert [b.rows for b in bins] == [2_000] * 10
    assert all(b.low <= b.observed <= b.high for b in bins)
    assert [b.rows for b in reliability(np.full(30, 0.4), LEFT[:30])] == [30]


def test_ece_is_the_distance_of_one_forecast_for_all() -> None:
    assert ece(np.full(10, 0.5), [1] * 2 + [0] * 8) == pytest.approx(0.3)


def test_the_excess_error_is_what_the_forecasts_are_off_by() -> None:
    assert excess_error(expit(ODDS + 0.7), LEFT) == pytest.approx(0.7, abs=0.1)
    assert excess_error(expit(ODDS), LEFT) < 0.15


def test_precision_at_k_shares_out_ties() -> None:
    assert precision_at([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0], 2) == pytest.approx(0.75)
    assert precision_at([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0], 99) == pytest.approx(0.5)


def test_slope_stays_finite_where_forecasts_part_perfectly() -> None:
    slope, intercept = recalibration([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    assert np.isfinite([slope, intercept]).all()


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert share_interval(10, 100, 0.95) == pytest.approx((0.0552, 0.1744), abs=1e-4)
    assert share_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("p", "y"), [([1.2], [1]), ([np.nan], [0]), ([0.5], [0.5]), ([], [])])
def test_what_is_no_forecast_is_refused(p: list[float], y: list[float]) -> None:
    with pytest.raises(ValueError):
        calibration(p, y)


def test_the_slope_is_found_where_some_forecasts_are_certain() -> None:
    """The twin of a step that is too long: full Newton steps swing to and fro here."""
    sure = np.where(ODDS > 1, 1.0, np.where(ODDS < -3, 0.0, expit(ODDS)))
    slope, intercept = recalibration(sure, LEFT)
    assert 0.05 < slope < 0.6
    assert np.isfinite(intercept)
