"""Tracking adds up acquisitions and expectations; totals carry the error that back-tests showed."""

from __future__ import annotations

import numpy as np
import pytest

from data_sets import requires_data
from kizuna.clv import BGNBD
from kizuna.clv.totals import PastTotal, model_error
from kizuna.clv.tracking import expected_by_day, track
from purchase_logs import CDNOW_CUT, CDNOW_END, cdnow

CDNOW = BGNBD(0.2426, 4.4136, 0.7928, 2.4254)


@requires_data
def test_weekly_tracking_of_cdnow_keeps_every_purchase() -> None:
    log = cdnow()
    repeats = log.day[log.day > log.first[log.who]]
    found = track(
        CDNOW,
        np.bincount(log.first),
        np.bincount(repeats, minlength=CDNOW_END + 1),
        holdout_day=CDNOW_CUT + 1,
        days_per_period=7,
    )
    assert found.actual.sum() == len(repeats)
    assert (found.actual[found.holdout].sum(), found.holdout.sum()) == (1882, 39)
    assert found.predicted[found.holdout].sum() == pytest.approx(1666.7, abs=1.5)
    assert found.cumulative_predicted[-1] == pytest.approx(found.predicted.sum())


def test_expected_purchases_are_those_of_each_customer_at_his_age() -> None:
    new = np.array([3.0, 0.0, 1.0])
    found = expected_by_day(CDNOW, new, 20, days_per_period=7).sum()
    by_hand = 3 * CDNOW.expected_purchases_new(19 / 7) + CDNOW.expected_purchases_new(17 / 7)
    assert found == pytest.approx(float(by_hand))


def test_nobody_repeats_on_the_day_of_the_first_purchase() -> None:
    assert expected_by_day(CDNOW, [5.0], 2)[0] == pytest.approx(0.0, abs=1e-12)


def test_a_week_never_holds_both_sides_of_the_cut_off() -> None:
    found = track(CDNOW, [5.0], np.ones(30), holdout_day=10)
    assert found.day.tolist() == [0, 3, 10, 17, 24]
    assert found.holdout.tolist() == [False, False, True, True, True]
    assert found.actual.tolist() == [3, 7, 7, 7, 6]


def test_without_a_back_test_the_usual_error_is_assumed() -> None:
    assert model_error([]).sd == pytest.approx(0.10)
    assert model_error([]).back_tests == 3


def test_back_tests_that_were_right_lower_the_error_but_never_to_nothing() -> None:
    found = model_error([PastTotal(13.0, 100.0, 100.0)] * 3)
    assert found.sd == pytest.approx(0.10 / np.sqrt(2))
    assert found.back_tests == 6


def test_back_tests_that_were_wrong_raise_it() -> None:
    assert model_error([PastTotal(13.0, 100.0, 150.0)] * 3).sd > 0.25


def test_a_back_test_in_which_nothing_happened_says_nothing() -> None:
    assert model_error([PastTotal(13.0, 100.0, 0.0)]).sd == pytest.approx(0.10)
