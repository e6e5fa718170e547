"""A choice fits the budget and the hands, is near the best there is, and leaves room for chance."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.experiments.allocation import NOTHING, allocate, explored


def drawn(customers: int, actions: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(1, 2, (customers, actions)), rng.gamma(2.0, 0.5, (customers, actions))


def best_of_all(effect: np.ndarray, cost: np.ndarray, budget: float, most: list[int]) -> float:
    """Try every choice there is."""
    best, rows = 0.0, range(len(cost))
    for choice in product(range(cost.shape[1] + 1), repeat=len(cost)):
        spent = sum(cost[r, c - 1] for r, c in zip(rows, choice, strict=True) if c)
        if spent <= budget and all(choice.count(a + 1) <= m for a, m in enumerate(most)):
            made = sum(effect[r, c - 1] for r, c in zip(rows, choice, strict=True) if c)
            best = max(best, made - spent)
    return best


@given(st.integers(0, 500), st.floats(0.0, 6.0), st.integers(0, 3), st.integers(0, 3))
def test_it_fits_and_is_near_the_best_there_is(seed: int, budget: float, m1: int, m2: int) -> None:
    effect, cost = drawn(5, 2, seed)
    found = allocate(effect, cost, budget=budget, capacity=[m1, m2])
    taken = np.bincount(found.choice, minlength=3)
    assert found.cost <= budget + 1e-9
    assert taken[1] <= m1
    assert taken[2] <= m2
    best = best_of_all(effect, cost, budget, [m1, m2])
    # within one customer's worth of the best (five customers are few for prices)
    assert best - np.max(effect - cost, initial=0.0) - 1e-9 <= found.expected <= best + 1e-9


def test_with_many_customers_it_is_the_best_there_is() -> None:
    effect, cost = drawn(5_000, 1, 1)
    budget = 0.1 * cost.sum()
    found = allocate(effect, cost, budget=budget)
    worth = (effect > cost)[:, 0]
    order = np.argsort(-(effect / cost)[:, 0])
    order = order[worth[order]]
    fits = order[np.cumsum(cost[order, 0]) <= budget]
    assert found.expected == pytest.approx((effect - cost)[fits].sum(), rel=1e-3)
    assert found.price > 0


def test_a_thousand_customers_alike_spend_the_whole_budget() -> None:
    found = allocate(np.full((1_000, 1), 3.0), np.ones((1_000, 1)), budget=250.0)
    assert (found.choice > 0).sum() == 250


def test_hands_that_are_short_go_to_whom_they_are_worth_most() -> None:
    effect, cost = drawn(3_000, 3, 2)
    free = allocate(effect, cost)
    taken = np.bincount(free.choice, minlength=4)
    tight = allocate(effect, cost, capacity=[50, np.inf, np.inf])
    assert (tight.choice == 1).sum() == 50
    assert tight.expected > free.expected - (effect - cost)[free.choice == 1, 0].sum()
    assert taken[1] > 500


def test_what_does_not_earn_its_cost_or_is_not_allowed_is_not_done() -> None:
    effect = np.array([[0.5, -1.0], [2.0, np.nan], [-np.inf, -np.inf]])
    found = allocate(effect, np.ones((3, 2)), budget=100.0)
    assert found.choice.tolist() == [0, 1, 0]
    assert found.expected == 1.0
    with pytest.raises(ValueError, match="below 0"):
        allocate(effect, -np.ones((3, 2)))


def test_each_allowed_action_keeps_its_chance_and_it_is_the_one_that_is_logged() -> None:
    n = 30_000
    allowed = np.ones((n, 3), bool)
    allowed[:, 2] = np.arange(n) % 2 == 0
    places = np.random.default_rng(3).random(n)
    done, chance = explored(np.ones(n, int), allowed, places, 0.09)
    assert chance.sum(axis=1) == pytest.approx(np.ones(n))
    assert chance[0] == pytest.approx([0.03, 0.94, 0.03])
    assert chance[1] == pytest.approx([0.045, 0.955, 0.0])
    assert (done[1::2] != 2).all()
    assert np.bincount(done[::2]) / (n / 2) == pytest.approx(chance[0], abs=0.01)


def test_the_last_place_takes_the_last_action_that_is_allowed() -> None:
    allowed = np.array([[True, True, False]])
    done, _ = explored(np.array([NOTHING]), allowed, np.array([np.nextafter(1.0, 0.0)]), 0.05)
    assert done[0] == 1


def test_too_little_chance_and_forbidden_choices_are_refused() -> None:
    allowed = np.ones((1, 2), bool)
    with pytest.raises(ValueError, match="5%"):
        explored(np.array([1]), allowed, np.array([0.5]), 0.01)
    with pytest.raises(ValueError, match="not allowed"):
        explored(np.array([1]), np.array([[True, False]]), np.array([0.5]))
