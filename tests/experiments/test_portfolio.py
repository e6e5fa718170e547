"""Of many actions few false ones stand, lucky ones are drawn back, and their sum is checked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, norm

from kizuna.experiments.effect import Effect
from kizuna.experiments.portfolio import adjusted_p, discoveries, reconciled, shrunk


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_are_those_of_benjamini_and_hochberg(p: list[float]) -> None:
    assert adjusted_p(p) == pytest.approx(false_discovery_control(p))


def test_a_p_beyond_1_is_refused() -> None:
    with pytest.raises(ValueError, match="between"):
        adjusted_p([0.2, 1.3])


def test_at_most_a_tenth_of_what_stands_is_false() -> None:
    rng, false, stand = np.random.default_rng(2), 0, 0
    for _ in range(400):
        true = np.where(np.arange(40) < 10, 3.0, 0.0)
        found = discoveries(2 * norm.sf(abs(rng.normal(true, 1.0))))
        false, stand = false + found[10:].sum() / max(found.sum(), 1), stand + found[:10].sum()
    assert false / 400 <= 0.1
    assert stand / 4_000 > 0.5


def test_winners_are_drawn_back_to_what_they_are_worth() -> None:
    rng = np.random.default_rng(4)
    won_raw, won_drawn, held = 0.0, 0.0, 0.0
    for _ in range(500):
        true = rng.normal(1.0, 0.5, 30)
        found = shrunk(seen := rng.normal(true, 1.0), np.ones(30))
        best = int(np.argmax(seen))
        won_raw += seen[best] - true[best]
        won_drawn += found.effects[best] - true[best]
        held += np.mean(abs(found.effects - true) < 1.645 * found.errors)
    assert won_raw / 500 > 1.2
    assert abs(won_drawn / 500) < 0.2
    assert held / 500 == pytest.approx(0.9, abs=0.06)


def test_actions_that_differ_by_chance_alone_get_about_one_effect() -> None:
    found = shrunk([1.0, 1.4, 0.6], [0.5] * 3)
    assert found.effects == pytest.approx([1.0] * 3, abs=0.2)
    assert found.mean == pytest.approx(1.0)
    apart = shrunk([1.0, 9.0, -7.0], [0.5] * 3)
    assert apart.effects == pytest.approx([1.0, 9.0, -7.0], abs=0.1)


def test_an_action_alone_of_its_kind_is_left_as_it_is() -> None:
    found = shrunk([3.0], [0.5])
    assert (found.effects[0], found.errors[0]) == pytest.approx((3.0, 0.5))


def test_an_effect_without_an_error_is_refused() -> None:
    with pytest.raises(ValueError, match="error"):
        shrunk([1.0], [0.0])


def test_claims_that_exceed_the_whole_are_named() -> None:
    claims = [Effect(1_000, 500, 12.0, 10.0, 0.1, 0.1)] * 5
    whole = Effect(5_000, 500, 101.0, 100.0, 0.1, 0.2)
    found = reconciled(claims, whole)
    assert (found.claimed.estimate, found.whole.estimate) == (10_000.0, 5_000.0)
    assert found.overclaimed
    same = Effect(5_000, 500, 102.0, 100.0, 0.1, 0.2)
    assert not reconciled(claims, same).overclaimed
