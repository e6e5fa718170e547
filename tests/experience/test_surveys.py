"""Scores of surveys: worked values of the literature, and intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from kizuna.experience.surveys import change, mean, nps, share


def test_nps_of_a_hundred_answers_is_that_of_the_literature() -> None:
    score = nps(10, 20, 70)
    assert score is not None
    assert score.estimate == pytest.approx(60)
    assert score.error == pytest.approx(6.633, abs=5e-4)
    assert score.margin == pytest.approx(10.91, abs=5e-3)


def test_csat_is_the_share_of_the_top_two() -> None:
    score = share(80, 100)
    assert score is not None
    assert score.estimate == pytest.approx(80)
    assert [score.low, score.high] == pytest.approx([72.6, 85.8], abs=0.1)


def test_a_score_of_four_answers_is_not_told() -> None:
    assert nps(0, 0, 4) is share(4, 4) is mean(4, 28, 196) is None


def test_answers_that_are_all_alike_leave_something_open() -> None:
    score = nps(0, 0, 40)
    assert score is not None
    assert score.estimate == score.high == 100
    assert 85 < score.low < 99


@pytest.mark.parametrize("n", [8, 25, 60, 400])
@pytest.mark.parametrize("shares", [(0.2, 0.3, 0.5), (0.1, 0.2, 0.7), (0.4, 0.4, 0.2)])
def test_the_interval_of_nps_holds_the_truth_as_often_as_it_says(
    n: int, shares: tuple[float, float, float]
) -> None:
    draws = np.random.default_rng(7).multinomial(n, shares, size=1_000)
    truth = 100 * (shares[2] - shares[0])
    held = [s.low <= truth <= s.high for d in draws.tolist() if (s := nps(*d)) is not None]
    assert 0.86 <= float(np.mean(held)) <= 0.97


def test_a_change_is_as_wide_as_both_waves_are_uncertain() -> None:
    before, now = nps(30, 40, 130), nps(40, 50, 110)
    assert before is not None
    assert now is not None
    moved = change(now, before)
    assert moved.estimate == pytest.approx(-15)
    assert moved.error == pytest.approx(np.hypot(now.error, before.error))
    assert moved.low < -15 < moved.high
