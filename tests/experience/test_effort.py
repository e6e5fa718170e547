"""Effort: direction, points, fitting within bounds, and the choice between answers and index."""

from __future__ import annotations

import numpy as np
import pytest

from kizuna.experience.effort import DOCUMENTED, DRIVERS, START, Effort, choose

TRUTH = Effort(start=-2.0, weights=(1.2, 0.0, 1.0, 0.4, 0.9, 0.2))


def answered(n: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(0.7, (n, len(DRIVERS))).astype(float)
    return counts, rng.random(n) < TRUTH.score(counts) / 100


def test_more_of_a_driver_is_never_less_effort() -> None:
    counts = np.zeros((6, len(DRIVERS)))
    counts[np.arange(6), np.arange(6)] = 1
    assert (Effort().score(counts) > Effort().score(np.zeros((1, 6)))).all()


def test_beyond_its_most_a_driver_counts_no_more() -> None:
    many, most = np.zeros((1, 6)), np.zeros((1, 6))
    many[0, 0], most[0, 0] = 40, 4
    assert Effort().score(many) == Effort().score(most)


def test_points_add_up_to_what_is_beyond_an_issue_without_drivers() -> None:
    counts, _ = answered(50)
    beyond = Effort().score(counts) - Effort().score(np.zeros((1, 6)))
    assert Effort().points(counts).sum(axis=1) == pytest.approx(beyond)


def test_the_truth_is_recovered_and_no_weight_is_below_zero() -> None:
    counts, hard = answered(8_000)
    found = Effort.fit(counts, hard)
    assert found.start == pytest.approx(TRUTH.start, abs=0.2)
    assert found.weights == pytest.approx(TRUTH.weights, abs=0.2)
    assert min(found.weights) >= 0


def test_without_answers_the_documented_weights_stand() -> None:
    found = Effort.fit(np.zeros((0, 6)), np.zeros(0, bool))
    assert (found.start, *found.weights) == pytest.approx((START, *DOCUMENTED))


def test_the_same_seed_chooses_the_same() -> None:
    counts, hard = answered(300)
    whose = np.arange(300)
    assert choose(counts, hard, whose, seed=1) == choose(counts, hard, whose, seed=1)


def test_held_out_figures_are_near_those_of_fresh_answers() -> None:
    counts, hard = answered(2_000)
    found = choose(counts, hard, np.arange(2_000), seed=0)
    assert found.auc is not None
    assert found.slope is not None
    assert found.calibration_error is not None
    assert found.auc > 0.7
    assert 0.8 < found.slope < 1.2
    assert found.calibration_error < 0.05


def test_it_goes_through_json() -> None:
    assert Effort.from_json(TRUTH.to_json()) == TRUTH
