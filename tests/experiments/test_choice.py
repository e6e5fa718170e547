"""Who is treated within a budget earns more than by any plain rule, and what is claimed is true."""

from __future__ import annotations

import os

import numpy as np
import pytest

from kizuna.experiments.allocation import allocate
from kizuna.experiments.policy import Trial, foretold
from kizuna.experiments.response import Response
from kizuna.experiments.uplift import Uplift, average_effect, doubly_robust
from uplift_world import World

SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"
WORLDS = 20 if SOAK else 3
CUSTOMERS = 20_000
NOBODY = np.zeros(CUSTOMERS, int)


def choose(effect: np.ndarray, world: World) -> np.ndarray:
    """Choose by effect per cost, with a fifth of what it would cost to treat all."""
    budget = 0.2 * world.cost.sum()
    return allocate(effect[:, None], world.cost[:, None], budget=budget).choice


def first(score: np.ndarray, world: World) -> np.ndarray:
    """Treat those with the highest score until the budget is spent."""
    order = np.argsort(-score)
    chosen = NOBODY.copy()
    chosen[order[np.cumsum(world.cost[order]) <= 0.2 * world.cost.sum()]] = 1
    return chosen


def two_models(seen: World, new: World) -> np.ndarray:
    """Difference of two outcome models (T-learner)."""
    arms = (Response.fit(seen.facts[w], seen.outcome[w]) for w in (seen.treated, ~seen.treated))
    with_it, without = (model.predict(new.facts) for model in arms)
    return with_it - without


def trial(world: World, *, blind: bool = False) -> Trial:
    """Give customers whom chance had placed, to value a choice by."""
    taken, outcome = world.treated.astype(int), world.outcome - world.treated * world.cost
    chance = np.full((CUSTOMERS, 2), 0.5)
    means = 0.0 * chance if blind else foretold(world.facts, taken, outcome, 1)
    return Trial(taken, outcome, chance, means)


type Pair = tuple[World, World, Uplift]


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    """Worlds to learn from, others to choose in, and what was learned."""
    worlds = [
        (World.drawn(CUSTOMERS, 2 * s), World.drawn(CUSTOMERS, 2 * s + 1)) for s in range(WORLDS)
    ]
    return [(a, b, Uplift.fit(a.facts, a.treated, a.outcome, 0.5)) for a, b in worlds]


def test_the_choice_keeps_most_of_what_perfect_knowledge_would_earn(pairs: list[Pair]) -> None:
    best = sum(b.net(choose(b.effect, b)) for _, b, _ in pairs)
    learned = sum(b.net(choose(u.effect(b.facts), b)) for _, b, u in pairs)
    # the published world kept 30 %
    assert learned > 0.6 * best


def test_rules_of_thumb_earn_less_than_nothing(pairs: list[Pair]) -> None:
    for score in ("value", "risk"):
        assert sum(b.net(first(getattr(b, score), b)) for _, b, _ in pairs) < 0
    assert sum(b.net(first(b.value * b.risk, b)) for _, b, _ in pairs) < 0


def test_two_models_earn_less_and_claim_what_never_comes(pairs: list[Pair]) -> None:
    mine = sum(b.net(choose(u.effect(b.facts), b)) for _, b, u in pairs)
    theirs = claimed = own_claim = 0.0
    for a, b, u in pairs:
        effect = two_models(a, b)
        chosen = choose(effect, b)
        theirs, claimed = theirs + b.net(chosen), claimed + ((effect - b.cost) * chosen).sum()
        own = u.effect(b.facts)
        own_claim += ((own - b.cost) * choose(own, b)).sum()
    assert mine > 1.5 * theirs
    assert claimed > 2.0 * theirs
    assert own_claim < 1.2 * mine


def test_its_value_is_told_by_customers_whom_chance_had_placed(pairs: list[Pair]) -> None:
    for _, b, u in pairs:
        chosen = choose(u.effect(b.facts), b)
        found = trial(b).gain(chosen, NOBODY, 0.99).mapped(CUSTOMERS)
        assert found.holds(b.net(chosen))
        plain = trial(b, blind=True).gain(chosen, NOBODY, 0.99).mapped(CUSTOMERS)
        assert plain.holds(b.net(chosen))
        assert plain.high - plain.low > found.high - found.low


def test_without_outcome_models_the_value_of_treating_all_is_the_mean_of_an_arm() -> None:
    world = World.drawn(2_000, 9)
    share = world.treated.mean()
    chance = np.tile([1 - share, share], (2_000, 1))
    taken = world.treated.astype(int)
    erupt = Trial(taken, world.outcome, chance, 0.0 * chance).value(np.ones(2_000, int))
    assert erupt.estimate == pytest.approx(world.outcome[world.treated].mean())


def test_what_chance_never_did_cannot_be_valued() -> None:
    chance = np.tile([1.0, 0.0], (3, 1))
    made = Trial(np.zeros(3, int), np.ones(3), chance, 0.0 * chance)
    with pytest.raises(ValueError, match="never"):
        made.value(np.ones(3, int))
    with pytest.raises(ValueError, match="chance"):
        Trial(np.ones(3, int), np.ones(3), chance, 0.0 * chance)


def test_where_all_are_moved_alike_all_get_the_average() -> None:
    rng = np.random.default_rng(8)
    facts, treated = rng.normal(size=(4_000, 4)), rng.random(4_000) < 0.5
    outcome = facts[:, 0] + treated + rng.normal(0, 5, 4_000)
    found = Uplift.fit(facts, treated, outcome, 0.5)
    assert found.effect(facts) == pytest.approx(np.full(4_000, found.average), abs=0.3)
    assert not found.differs
    assert found.average == pytest.approx(1.0, abs=0.5)


def test_scores_are_right_where_shares_differ_and_the_models_are_wrong() -> None:
    rng = np.random.default_rng(9)
    facts = rng.normal(size=(20_000, 1))
    chance = np.where(facts[:, 0] > 0, 0.8, 0.2)
    treated = rng.random(20_000) < chance
    outcome = 5.0 * np.sin(6.0 * facts[:, 0]) + facts[:, 0] + 0.5 * treated
    scores = doubly_robust(facts, treated, outcome, chance)
    assert average_effect(scores, 0.99).holds(0.5)
    assert outcome[treated].mean() - outcome[~treated].mean() > 1.0


def test_facts_that_are_not_known_do_no_harm_and_models_survive_being_written() -> None:
    world = World.drawn(2_000, 4)
    facts = world.facts.copy()
    facts[::3, 2] = np.nan
    found = Uplift.fit(facts, world.treated, world.outcome, 0.5)
    effects = found.effect(facts)
    assert np.isfinite(effects).all()
    assert (Uplift.from_json(found.to_json()).effect(facts) == effects).all()


def test_rows_without_chance_are_refused() -> None:
    world = World.drawn(100, 5)
    with pytest.raises(ValueError, match="chance"):
        Uplift.fit(world.facts, world.treated, world.outcome, 1.0)
    with pytest.raises(ValueError, match="as many"):
        Uplift.fit(world.facts[:50], world.treated, world.outcome, 0.5)
