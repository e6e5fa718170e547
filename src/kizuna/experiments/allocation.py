"""Who gets which action within a budget and the hours there are.

At most one action a customer, or none. What is chosen is the greatest sum of effect less cost. A
price λ is put on money and one on each action that is short of hands, and each customer takes what
is worth most at these prices (Lagrange; Sinha and Zoltners 1979 for the multiple-choice knapsack):
with one action, this is the order by effect per cost. An action whose effect is not above its cost
is not taken, however much budget is left.

Part of it stays chance: `explored` gives each customer some chance of each action that is allowed,
so that what works can be learned and valued later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kizuna.experiments.interval import FloatArray

type Choice = NDArray[np.intp]

NOTHING = 0
LEAST_EXPLORED = 0.05
ROUNDS = 60
HALVINGS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """What each customer gets: 0 is nothing, k the k-th action.

    Attributes
    ----------
    choice : shape (customers,).
    cost, expected : of all that is chosen; expected is effect less cost, as foretold.
    price : what one more unit of money would bring beyond itself.

    """

    choice: Choice
    cost: float
    expected: float
    price: float


def allocate(
    effect: FloatArray,
    cost: FloatArray,
    *,
    budget: float = np.inf,
    capacity: Sequence[float] | None = None,
) -> Allocation:
    """Choose among actions; effect and cost of shape (customers, actions), in money.

    An effect of -∞ or NaN is not allowed. `capacity` is how many customers each action can take.
    """
    gain = np.where(np.isfinite(effect), effect, -np.inf)
    if not ((cost >= 0).all() and np.isfinite(cost).all() and budget >= 0):
        raise ValueError("costs and the budget must not be below 0")
    most = np.full(cost.shape[1], np.inf) if capacity is None else np.asarray(capacity, float)
    price, scarce = _prices(gain, cost, budget, most)
    choice = _best(gain, cost, price, scarce)
    choice = _within(choice, gain, cost, budget, most)
    choice = _filled(choice, gain, cost, budget, most)
    spent = _spent(choice, cost)
    return Allocation(choice, spent, _sum(choice, gain) - spent, price)


def explored(
    choice: Choice,
    allowed: NDArray[np.bool_],
    places: FloatArray,
    share: float = LEAST_EXPLORED,
) -> tuple[Choice, FloatArray]:
    """Leave a share to chance; give what is done, and how likely each was.

    `allowed` and the propensities have a column for nothing, which is always allowed, before those
    of the actions: shape (customers, 1 + actions). `places` in [0, 1) are of a salted hash.
    """
    if not LEAST_EXPLORED <= share <= 1:
        raise ValueError(f"at least {LEAST_EXPLORED:.0%} must stay chance; got {share}")
    may = allowed.copy()
    may[:, NOTHING] = True
    rows = np.arange(len(choice))
    if not may[rows, choice].all():
        raise ValueError("an action was chosen that is not allowed")
    propensity = share * may / may.sum(axis=1, keepdims=True)
    propensity[rows, choice] += 1.0 - share
    done = (places[:, None] >= np.cumsum(propensity, axis=1)).sum(axis=1)
    # the last bits of a sum may fall short of 1
    last = may.shape[1] - 1 - np.argmax(may[:, ::-1], axis=1)
    return np.minimum(done, last).astype(np.intp), propensity


def _best(gain: FloatArray, cost: FloatArray, price: float, scarce: FloatArray) -> Choice:
    """Let each customer take what is worth most at the prices."""
    worth = gain - (1.0 + price) * cost - scarce
    best: Choice = worth.argmax(axis=1)
    return np.where(worth[np.arange(len(best)), best] > 0, best + 1, NOTHING)


def _prices(
    gain: FloatArray, cost: FloatArray, budget: float, most: FloatArray
) -> tuple[float, FloatArray]:
    """Raise prices of what is short until what is taken fits, as near as ties allow."""
    scarce = np.zeros(cost.shape[1])
    price = _price(gain, cost, budget, scarce)
    for _ in range(ROUNDS):
        taken = np.bincount(_best(gain, cost, price, scarce), minlength=cost.shape[1] + 1)[1:]
        over = np.flatnonzero(taken > most)
        if not len(over):
            break
        for action in over:
            scarce[action] += _raise(gain, cost, price, scarce, int(action), int(most[action]))
        price = _price(gain, cost, budget, scarce)
    return price, scarce


def _raise(
    gain: FloatArray, cost: FloatArray, price: float, scarce: FloatArray, action: int, most: int
) -> float:
    """By how much an action must become dearer so that no more than `most` take it."""
    worth = gain - (1.0 + price) * cost - scarce
    others = np.maximum(np.delete(worth, action, axis=1).max(axis=1, initial=0.0), 0.0)
    better = worth[:, action] - others
    better = np.sort(better[better > 0])[::-1]
    return float(better[most]) if most < len(better) else 0.0


def _price(gain: FloatArray, cost: FloatArray, budget: float, scarce: FloatArray) -> float:
    """Lowest price of money at which what is taken costs no more than the budget."""

    def fits(price: float) -> bool:
        return _spent(_best(gain, cost, price, scarce), cost) <= budget

    low, high = 0.0, 1.0
    if fits(low):
        return low
    while not fits(high) and high < 1e12:
        low, high = high, high * 4.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def _within(
    choice: Choice, gain: FloatArray, cost: FloatArray, budget: float, most: FloatArray
) -> Choice:
    """Drop what no longer fits, the least worth per cost first."""
    kept, order = choice.copy(), _by_worth(choice, gain, cost)
    for action in range(1, cost.shape[1] + 1):
        takers = order[choice[order] == action]
        if len(takers) > most[action - 1]:
            kept[takers[int(most[action - 1]) :]] = NOTHING
    spent = np.cumsum(_each(kept[order], cost[order]))
    kept[order[spent > budget]] = NOTHING
    return kept


def _filled(
    choice: Choice, gain: FloatArray, cost: FloatArray, budget: float, most: FloatArray
) -> Choice:
    """Give what is left to customers who have nothing yet: prices leave room where many tie."""
    left, room = budget - _spent(choice, cost), most.copy()
    room -= np.bincount(choice, minlength=cost.shape[1] + 1)[1:]
    net = np.where((choice == NOTHING)[:, None] & (room > 0), gain - cost, -np.inf)
    rows, actions = np.nonzero(net > 0)
    filled = choice.copy()
    ratio = gain[rows, actions] / np.maximum(cost[rows, actions], 1e-300)
    for at in np.argsort(-ratio, kind="stable"):
        row, action = rows[at], actions[at]
        if filled[row] == NOTHING and room[action] >= 1 and cost[row, action] <= left:
            filled[row], room[action] = action + 1, room[action] - 1
            left -= cost[row, action]
    return filled


def _by_worth(choice: Choice, gain: FloatArray, cost: FloatArray) -> Choice:
    ratio = _each(choice, gain) / np.maximum(_each(choice, cost), 1e-300)
    return np.argsort(-np.where(choice == NOTHING, -np.inf, ratio), kind="stable")


def _each(choice: Choice, of: FloatArray) -> FloatArray:
    rows = np.arange(len(choice))
    return np.where(choice == NOTHING, 0.0, of[rows, np.maximum(choice - 1, 0)])


def _spent(choice: Choice, cost: FloatArray) -> float:
    return float(_each(choice, cost).sum())


def _sum(choice: Choice, gain: FloatArray) -> float:
    return float(_each(choice, gain).sum())
