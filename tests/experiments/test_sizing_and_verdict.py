"""How many customers an answer needs, what came back of money, and the one word that is said."""

from __future__ import annotations

import numpy as np
import pytest

from kizuna.experiments.effect import Effect, effect
from kizuna.experiments.interval import Interval
from kizuna.experiments.moments import Moments
from kizuna.experiments.power import Sizing, more_customers
from kizuna.experiments.projection import Factor, projected
from kizuna.experiments.roi import known_cost, varying_cost
from kizuna.experiments.sequential import Sequence
from kizuna.experiments.srm import sample_ratio
from kizuna.experiments.verdict import Word, verdict

EVEN = sample_ratio([500, 500], [1, 1])
CDNOW, ACTIVE = Sizing(4.06, 0.47), Sizing(2.28, 0.55)


@pytest.mark.parametrize(("sizing", "customers"), [(ACTIVE, 7_200), (CDNOW, 27_000)])
def test_sizes_are_as_published(sizing: Sizing, customers: int) -> None:
    assert sizing.customers(0.15, 0.1) == pytest.approx(customers, rel=0.015)
    ninefold = sizing.customers(0.05, 0.1) / sizing.customers(0.15, 0.1)
    assert ninefold == pytest.approx(9.0, rel=1e-3)


def test_size_effect_and_holdout_are_three_faces_of_one_formula() -> None:
    n = ACTIVE.customers(0.15, 0.1)
    assert ACTIVE.detectable(n, 0.1) == pytest.approx(0.15, rel=1e-3)
    assert ACTIVE.smallest_holdout(0.15, n) == pytest.approx(0.1, rel=1e-3)
    assert ACTIVE.smallest_holdout(0.15, 1_000) is None
    always = Sizing(2.28, 0.55, always_on=True)
    assert always.customers(0.15, 0.1) == pytest.approx(2.4 * n, rel=1e-3)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nobody_or_all_held_out_shows_nothing(share: float) -> None:
    with pytest.raises(ValueError, match="holdout"):
        ACTIVE.customers(0.1, share)
    with pytest.raises(ValueError, match="effect of 0"):
        ACTIVE.customers(0.0, 0.1)


def test_so_many_customers_do_show_the_effect_in_8_of_10_cases() -> None:
    rng, mean, sd = np.random.default_rng(1), 100.0, 150.0
    n = Sizing(sd / mean).customers(0.2, 0.3)
    shown = 0
    for _ in range(500):
        t = Moments.of(rng.normal(1.2 * mean, sd, round(0.7 * n)))
        c = Moments.of(rng.normal(mean, sd, round(0.3 * n)))
        shown += effect(t, c).interval().sign == 1
    assert shown / 500 == pytest.approx(0.8, abs=0.06)


def test_what_is_missing_is_told_by_what_is_worth_knowing() -> None:
    found = Effect(900, 100, 10.0, 9.0, 0.5, 2.0)
    more = more_customers(found, 3.0)
    assert more == pytest.approx(1_000 * (2.4865 * found.error / 3.0) ** 2 - 1_000, abs=2)
    assert more_customers(found, 100.0) == 0
    with pytest.raises(ValueError, match="worth"):
        more_customers(found, 0.0)


def test_arms_that_lost_units_are_seen() -> None:
    assert not sample_ratio([9_000, 1_200], [0.9, 0.1]).holds
    assert sample_ratio([9_000, 1_010], [0.9, 0.1]).holds
    assert sample_ratio([0, 0], [0.5, 0.5]).p == 1.0
    with pytest.raises(ValueError, match="above 0"):
        sample_ratio([5, 5], [1.0, 0.0])


@pytest.mark.parametrize(
    ("difference", "error", "word"),
    [
        (5.0, 1.0, Word.EARNS),
        (-3.0, 1.0, Word.HARMS),
        (0.0, 0.3, Word.USELESS),
        (1.5, 2.0, Word.UNKNOWN),
    ],
)
def test_one_word_is_said(difference: float, error: float, word: Word) -> None:
    found = verdict(Effect(500, 500, 10 + difference, 10.0, error, 0.0), EVEN, cost=1.0)
    assert found.word is word
    assert (found.more is not None) == (word is Word.UNKNOWN)


def test_arms_out_of_balance_show_no_verdict_however_clear_the_effect() -> None:
    skewed = sample_ratio([900, 500], [1, 1])
    found = verdict(Effect(900, 500, 99.0, 1.0, 0.1, 0.1), skewed)
    assert (found.word, found.interval) == (Word.MISMATCH, None)


def test_a_holdout_always_on_waits_for_its_first_look_and_asks_for_more() -> None:
    sequence = Sequence(5_000)
    early = verdict(Effect(900, 100, 9.0, 1.0, 0.1, 0.1), EVEN, sequence=sequence)
    assert (early.word, early.more) == (Word.EARLY, 1_000)
    clear = Effect(1_800, 200, 9.0, 1.0, 0.1, 0.1)
    assert verdict(clear, EVEN, sequence=sequence).word is Word.EARNS
    # 2.2 errors off 0: enough for one look, not for looking all the time
    near = Effect(1_800, 200, 1.2, 1.0, 0.0, 0.09)
    assert verdict(near, EVEN, level=0.95).word is Word.EARNS
    assert verdict(near, EVEN, sequence=sequence).word is Word.UNKNOWN


def test_a_known_cost_maps_the_interval() -> None:
    found = known_cost(Interval(3.0, 1.0, 5.0), treated=1_000, cost=2.0)
    assert found.cost == 2_000.0
    assert found.net == Interval(1_000.0, -1_000.0, 3_000.0)
    assert found.roi == Interval(0.5, -0.5, 1.5)
    assert known_cost(Interval(3.0, 1.0, 5.0), 1_000, 0.0).roi is None


def test_a_varying_cost_is_a_ratio_and_may_be_unknown() -> None:
    margin = Effect(1_000, 1_000, 13.0, 10.0, 0.5, 0.5)
    cost = Effect(1_000, 1_000, 2.0, 0.0, 0.1, 0.0)
    found = varying_cost(margin, cost)
    assert found.roi
    assert found.roi.estimate == pytest.approx(0.5)
    assert found.roi.low < 0.5 < found.roi.high
    unsure = Effect(1_000, 1_000, 2.0, 0.0, 3.0, 0.0)
    assert varying_cost(margin, unsure).roi is None


def test_costs_that_go_with_margin_make_the_net_surer() -> None:
    margin = Effect(1_000, 1_000, 13.0, 10.0, 0.5, 0.5)
    cost = Effect(1_000, 1_000, 2.0, 0.0, 0.4, 0.0)
    apart, along = varying_cost(margin, cost).net, varying_cost(margin, cost, 0.25).net
    assert along.high - along.low < apart.high - apart.low


def test_a_projection_waits_for_three_completed_holdouts() -> None:
    assert Factor.learned([1.0, 2.0], [2.0, 4.0]) is None
    factor = Factor.learned([1.0, 2.0, 3.0, 4.0], [2.2, 3.8, 6.1, 7.9])
    assert factor
    assert factor.ratio == pytest.approx(2.0)
    found = projected(Effect(500, 500, 11.0, 10.0, 0.2, 0.2), factor)
    assert found
    assert found.estimate == pytest.approx(2.0)
    assert found.high - found.low > 2 * 2 * 1.6448 * 0.28
    assert projected(Effect(500, 500, 11.0, 10.0, 0.2, 0.2), None) is None
