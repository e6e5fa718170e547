"""Health shares out exactly; a scorecard counts as it was weighed, and says what it lacks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from kizuna.experience.health import bands, health
from kizuna.experience.scorecard import Card, Ceiling, Group, Measure, ScorecardError

CARD = Card(
    (
        Group("use", 60.0, (Measure("days", 0.0, 20.0), Measure("users", 0.0, 10.0, 3.0))),
        Group("service", 40.0, (Measure("cases", 5.0, 0.0),)),
    ),
    (Ceiling("silent_days", 30.0, 40.0), Ceiling("nps", 3.0, 50.0, below=True)),
)


def scored(**facts: float) -> float:
    known = {name: np.array([facts.get(name, np.nan)]) for name in CARD.facts}
    return float(CARD.score(known)[0][0])


@given(arrays(float, (6, 4), elements=st.floats(-6, 6)), st.floats(-4, 4))
@settings(max_examples=100, deadline=None)
def test_points_add_up_to_the_health(effects: np.ndarray, usual: float) -> None:
    found = health(effects, usual, np.array([0, 1, 1, 2]), 3)
    assert found.usual + found.points.sum(axis=1) == pytest.approx(found.health)
    assert found.health == pytest.approx(100 * (1 - expit(usual + effects.sum(axis=1))))
    assert ((found.health >= 0) & (found.health <= 100)).all()


def test_what_makes_leaving_likelier_takes_points() -> None:
    found = health(np.array([[0.8, -0.3]]), -1.0, np.array([0, 1]), 2)
    assert found.points[0, 0] < 0 < found.points[0, 1]


def test_effects_that_cancel_are_still_told() -> None:
    found = health(np.array([[0.5, -0.5]]), -1.0, np.array([0, 1]), 2)
    assert found.points[0, 0] == pytest.approx(-found.points[0, 1])
    assert found.points[0, 0] < -5


def test_a_band_begins_at_its_limit_and_unknown_has_none() -> None:
    score = np.array([0.0, 49.9, 50.0, 74.9, 75.0, 100.0, np.nan])
    assert bands(score).tolist() == [0, 0, 1, 1, 2, 2, -1]


def test_a_scorecard_weighs_as_told() -> None:
    assert scored(days=20, users=0, cases=0) == pytest.approx(0.6 * 25 + 40)
    assert scored(days=20, users=10, cases=0) == 100.0
    assert scored(days=-5, users=0, cases=99) == 0.0


def test_what_is_not_known_is_left_out_and_not_zero() -> None:
    assert scored(days=20, users=10) == 100.0
    assert scored(users=5) == pytest.approx(50.0)
    assert np.isnan(scored())


def test_an_exception_caps_and_only_where_it_is_known_to_hold() -> None:
    full = {"days": 20.0, "users": 10.0, "cases": 0.0}
    assert scored(**full, silent_days=29) == 100.0
    assert scored(**full, silent_days=30) == 40.0
    assert scored(**full, nps=3) == 50.0
    assert scored(days=0, silent_days=31) == 0.0


def test_a_scorecard_survives_json() -> None:
    assert Card.from_json(CARD.to_json()) == CARD


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda: Card((Group("a", 90.0, (Measure("x", 0, 1),)),)), "add to 90, not to 100"),
        (lambda: Card((Group("a", 50.0, ()), Group("a", 50.0, ()))), "same name"),
        (lambda: Measure("x", 1.0, 1.0), "worst and best"),
        (lambda: Measure("x", 0.0, 1.0, 0.0), "above 0"),
    ],
)
def test_a_scorecard_that_cannot_be_counted_is_refused(broken: object, why: str) -> None:
    with pytest.raises(ScorecardError, match=why):
        broken()  # type: ignore[operator]
