"""How sure the value of one customer is: bounds of what will really be bought and earned.

With probability 1 - p_alive a customer never buys again; otherwise the number of purchases follows
the model given alive, which depends on (x, T) alone. k purchases of a customer with m known orders
of mean z cost (v + m·z) · Gamma(p·k, 1) / Gamma(q + p·m, 1): the customer's own money is a
factor. So one distribution serves all who share (x, T, m), and a row only looks up its quantile.

Assumptions: the parameters are taken as known, and purchases are discounted by the mean discount
factor of their (x, T). Neither is good enough for the sum of all customers, in which their own
randomness nearly cancels: see `portfolio.py`.

Sources: Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way", Marketing Science
24(2); Fader and Hardie (2013), brucehardie.com note 025.

Limits: predictive bounds, not confidence bounds of an expectation: one customer's future is wide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv, polygamma, psi

from kizuna.clv.data import FloatArray, Purchases, Spend, distinct
from kizuna.clv.models.gamma_gamma import GammaGamma
from kizuna.clv.protocols import PurchasePredictor
from kizuna.clv.value import (
    alive_pairs,
    chebyshev_ages,
    check_terms,
    discounted_alive,
    interpolation,
    p_alive_in_blocks,
    smooth_in_age,
)

type Index = NDArray[np.intp]

EXACT = 64
"""Numbers up to here are told apart; above, numbers within 1/64 of each other share a bin."""

BINS = np.unique(np.r_[1.0:EXACT, np.rint(EXACT * (1.0 + 1.0 / EXACT) ** np.arange(900.0))])
NEGLIGIBLE = 1e-4
MANY_STATES = 100_000
LARGEST_BLOCK = 512
LARGEST_GRID = 512


@dataclass(frozen=True, slots=True, eq=False)
class PredictiveIntervals:
    """Bounds of what each row will really buy and earn in the horizon, each of shape (rows,).

    Numbers of purchases are whole. A high bound of 0 below a positive expectation is right: the
    customer is most likely lost, and the expectation is the small chance of more.
    """

    expected_purchases_low: FloatArray
    expected_purchases_high: FloatArray
    residual_clv_low: FloatArray
    residual_clv_high: FloatArray


def predictive_intervals(
    purchase_model: PurchasePredictor,
    spend_model: GammaGamma,
    purchases: Purchases,
    spend: Spend,
    *,
    horizon: float,
    discount: float,
    margin: ArrayLike = 1.0,
    level: float = 0.90,
    threads: int = 1,
) -> PredictiveIntervals:
    """Bound the purchases and the discounted margin of each row; arguments as `residual_clv`.

    At most (1 - level)/2 of customers are expected below the low bound, and as many above the high
    one. Above `EXACT` purchases x is put into bins; above `MANY_STATES` distinct (x, T) the ages T
    are rounded, by 0.4 % at most.
    """
    check_terms(purchases, spend, horizon=horizon, discount=discount)
    states = alive_states(purchase_model, purchases, spend.x)
    p_alive = p_alive_in_blocks(purchase_model, purchases)[states.rows]
    bounds = np.empty((4, len(purchases)))

    def solve(group: Group) -> None:
        prices = _Prices.of(spend_model, group.orders, max(group.bins))
        for block, at_least in survivals(purchase_model, states, group, horizon):
            rows = slice(states.starts[block.start], states.starts[block.stop])
            place = states.state[rows] - block.start
            paid = prices.paid(at_least)
            for side, tail in enumerate((0.5 + level / 2, 0.5 - level / 2)):
                chance = _chance_alive(tail, p_alive[rows])
                bounds[side, rows] = _count_bound(at_least, place, chance)
                bounds[2 + side, rows] = prices.bound(paid, at_least, place, chance)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(solve, groups(purchase_model, states, horizon)))
    bounds[2:] *= money_scale(spend_model, spend, states)
    bounds[2:] *= mean_discount(purchase_model, states.pairs, horizon, discount)[states.state]
    result = np.empty_like(bounds)
    result[:, states.rows] = bounds
    earned = result[2:] * np.asarray(margin, np.float64)
    return PredictiveIntervals(result[0], result[1], earned[0], earned[1])


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Distinct (x, T, known orders) in an order that puts the similar together, and their rows.

    Attributes
    ----------
    pairs : (x, T) of each state; orders : known orders, both of shape (states,).
    rows : rows of the data in the order of their states; state : of each of these `rows`.
    starts : place in `rows` of the first row of each state, shape (states + 1,).

    """

    pairs: Purchases
    orders: FloatArray
    rows: Index
    state: Index
    starts: Index


def alive_states(model: PurchasePredictor, purchases: Purchases, orders: FloatArray) -> States:
    """Group rows by all that decides the future of a customer alive, but for a factor of money."""
    smooth = smooth_in_age(model)
    pairs, index = alive_pairs(_binned(purchases) if smooth else purchases)
    if smooth and len(pairs) > MANY_STATES:
        pairs, index = alive_pairs(_binned(purchases, _rounded))
    known = _bin_start(pairs.x)
    if not np.array_equal(orders, purchases.x):
        first, both = distinct(index.astype(np.float64), _bin_start(orders))
        pairs, known, index = pairs.take(index[first]), _bin_start(orders)[first], both
    order = np.lexsort((pairs.T, *_alike(pairs, known)))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    state = rank[index]
    rows = np.argsort(state, kind="stable")
    starts = np.searchsorted(state[rows], np.arange(len(order) + 1))
    return States(pairs.take(order), known[order], rows, state[rows], starts)


def _binned(
    purchases: Purchases, rounded: Callable[[FloatArray], FloatArray] | None = None
) -> Purchases:
    """Put x into its bin and T in proportion, which keeps the rate of purchases; forget t_x."""
    x = _bin_start(purchases.x)
    T = np.where(x < purchases.x, purchases.T * x / np.maximum(purchases.x, 1.0), purchases.T)
    return Purchases(x, np.zeros(len(x)), T if rounded is None else rounded(T))


def _rounded(T: FloatArray) -> FloatArray:
    """Round to 8 binary digits: fewer distinct ages, none off by more than 0.4 %."""
    digits, octave = np.frexp(T)
    rounded: FloatArray = np.ldexp(np.rint(digits * 256.0) / 256.0, octave)
    return rounded


def _alike(pairs: Purchases, orders: FloatArray) -> tuple[Index, Index, Index]:
    """Octave of T, bin of x and bin of the known orders: states equal in these share a block."""
    octave = np.frexp(pairs.T)[1].astype(np.intp)
    return octave, np.searchsorted(BINS, pairs.x, "right"), np.searchsorted(BINS, orders, "right")


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks of similar states with (nearly) the same number of known orders.

    `bins` says, for each block, how many of `BINS` its numbers of purchases need.
    """

    orders: float
    blocks: list[slice]
    bins: list[int]


def groups(model: PurchasePredictor, states: States, horizon: float) -> list[Group]:
    """Cut the states into blocks, and gather the blocks with the same known orders."""
    codes = np.stack(_alike(states.pairs, states.orders))
    changes = np.flatnonzero(np.diff(codes).any(axis=0)) + 1
    edges = [0, *(int(c) for c in changes), len(states.pairs)]
    runs = [np.arange(a, b, LARGEST_BLOCK) for a, b in pairwise(edges)]
    cuts = np.append(np.concatenate(runs), len(states.pairs))
    found: dict[int, Group] = {}
    needed = _bins_needed(model, states.pairs, cuts, horizon)
    for first, end, bins in zip(cuts, cuts[1:], needed, strict=False):
        group = found.setdefault(int(codes[2, first]), Group(float(states.orders[first]), [], []))
        group.blocks.append(slice(int(first), int(end)))
        group.bins.append(int(bins))
    return list(found.values())


def _bins_needed(model: PurchasePredictor, pairs: Purchases, cuts: Index, horizon: float) -> Index:
    """Find how many bins it takes until more purchases are negligible, at both ends of a block."""
    ends = pairs.take(np.concatenate([cuts[:-1], cuts[1:] - 1]))
    low, high = np.zeros(len(ends), np.intp), np.full(len(ends), len(BINS) - 1)
    while (low < high).any():
        middle = (low + high) // 2
        enough = model.p_at_least_alive(BINS[middle], ends, horizon) < NEGLIGIBLE
        low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
        low = np.minimum(low, high)
    needed: Index = low.reshape(2, -1).max(axis=0) + 1
    return needed


def survivals(
    model: PurchasePredictor, states: States, group: Group, horizon: float
) -> Iterator[tuple[slice, FloatArray]]:
    """Yield each block with P(≥ k purchases | alive) at its states and `BINS`, (states, bins)."""
    for block, bins in zip(group.blocks, group.bins, strict=True):
        pairs = states.pairs.take(block)
        nodes = int(8 + 1.5 * np.sqrt(pairs.x[0]))
        if len(pairs) <= nodes or pairs.T[0] == 0 or not smooth_in_age(model):
            yield block, _survival(model, pairs.x, pairs.T, BINS[:bins], horizon)
            continue
        ages = chebyshev_ages(pairs.T[0], pairs.T[-1], nodes)
        table = _survival(model, np.full(nodes, pairs.x[0]), ages, BINS[:bins], horizon)
        yield block, _falling(interpolation(pairs.T, ages) @ table)


def _survival(
    model: PurchasePredictor, x: FloatArray, T: FloatArray, counts: FloatArray, horizon: float
) -> FloatArray:
    x, T = np.repeat(x, len(counts)), np.repeat(T, len(counts))
    flat = Purchases(x, np.where(x > 0, T, 0.0), T)
    count = np.tile(counts, len(x) // len(counts))
    return _falling(model.p_at_least_alive(count, flat, horizon).reshape(-1, len(counts)))


def _falling(at_least: FloatArray) -> FloatArray:
    """Undo rounding errors: a probability, and never rising with the count."""
    falling: FloatArray = np.minimum.accumulate(np.clip(at_least, 0.0, 1.0), axis=1)
    return falling


def masses(at_least: FloatArray) -> FloatArray:
    """Probability of each bin given alive, shape (states, bins); the last one holds the tail."""
    return at_least - np.pad(at_least[:, 1:], ((0, 0), (0, 1)))


def middles(bins: int) -> FloatArray:
    """Mean number of purchases in each of the first `bins` of `BINS`, shape (bins,)."""
    counts = BINS[:bins]
    return np.append((counts[:-1] + counts[1:] - 1.0) / 2, counts[-1])


def money_scale(model: GammaGamma, spend: Spend, states: States) -> FloatArray:
    """Factor of money of each of `states.rows`: v + m·z, mended where m stands for its bin."""
    m, z = spend.x[states.rows], spend.mean[states.rows]
    shape = model.q + model.p * m - 1.0
    mend = np.where(m > EXACT, 1.0 + model.p * (_bin_start(m) - m) / np.maximum(shape, 1e-9), 1.0)
    scale: FloatArray = (model.v + np.where(m > 0, m * z, 0.0)) * mend
    return scale


def mean_discount(
    model: PurchasePredictor, pairs: Purchases, horizon: float, discount: float
) -> FloatArray:
    """Mean discount factor of the purchases of each pair: discounted / plain expectation."""
    plain = discounted_alive(model, pairs, horizon=horizon, discount=0.0)
    present = discounted_alive(model, pairs, horizon=horizon, discount=discount)
    return np.divide(present, plain, out=np.ones_like(plain), where=plain > 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Prices:
    """Distribution of what k purchases cost, in units of the customer's factor of money.

    Attributes
    ----------
    log_cost : grid of the logarithm of the cost, evenly spaced, shape (grid,).
    below : P(cost ≤ grid | k purchases), for each of `BINS`, shape (bins, grid).

    """

    log_cost: FloatArray
    below: FloatArray

    @classmethod
    def of(cls, model: GammaGamma, orders: float, bins: int) -> _Prices:
        """Cost of as many purchases as each bin says, after so many known orders."""
        shape = model.q + model.p * orders
        middle = middles(bins)
        top = _log_cost_quantile(model.p * middle[-1], shape, 0.9995)
        low = max(_log_cost_quantile(model.p, shape, 1e-3), top - 25.0)
        spread = float(np.sqrt(polygamma(1, model.p) + polygamma(1, shape)))
        points = int(np.clip(10 * (top - low) / spread, 64, LARGEST_GRID))
        log_cost = np.linspace(low, top, points)
        return cls(log_cost, _cost_below(model.p * middle[:, None], shape, log_cost))

    def paid(self, at_least: FloatArray) -> FloatArray:
        """P(0 < total cost ≤ grid | alive) of each state, shape (states, grid)."""
        mass = masses(at_least)
        total: FloatArray = mass @ self.below[: mass.shape[1]]
        return total

    def bound(
        self, paid: FloatArray, at_least: FloatArray, place: Index, chance: FloatArray
    ) -> FloatArray:
        """Total cost that is exceeded with probability `chance` given alive, shape of `place`."""
        target = at_least[place, 0] - chance
        found = np.clip(_search(paid, target, place), 1, len(self.log_cost) - 1)
        below, above = paid[place, found - 1], paid[place, found]
        part = np.clip((target - below) / np.maximum(above - below, 1e-300), 0.0, 1.0)
        step = self.log_cost[1] - self.log_cost[0]
        return np.where(target > 0, np.exp(self.log_cost[found - 1] + part * step), 0.0)


def _cost_below(orders_shape: FloatArray, shape: float, log_cost: FloatArray) -> FloatArray:
    """P(cost ≤ grid), computed only where it is neither 0 nor 1 to 13 digits."""
    middle = psi(orders_shape) - psi(shape)
    width = np.sqrt(polygamma(1, orders_shape) + polygamma(1, shape))
    width = np.where(np.minimum(orders_shape, shape) > 20.0, 9.0 * width, np.inf)
    below = np.where(log_cost > middle, 1.0, 0.0)
    open_ = np.abs(log_cost - middle) < width
    share = np.broadcast_to(1.0 / (1.0 + np.exp(-log_cost)), below.shape)[open_]
    below[open_] = betainc(np.broadcast_to(orders_shape, below.shape)[open_], shape, share)
    return below


def _log_cost_quantile(orders_shape: float, shape: float, level: float) -> float:
    share = betaincinv(orders_shape, shape, level)
    return float(np.log(max(share, 1e-300)) - np.log1p(-min(share, 1.0 - 1e-15)))


def _chance_alive(tail: float, p_alive: FloatArray) -> FloatArray:
    """Probability given alive that makes `tail` over all; 2 where no probability is enough."""
    chance: FloatArray = tail / np.maximum(p_alive, tail / 2)
    return chance


def _count_bound(at_least: FloatArray, place: Index, chance: FloatArray) -> FloatArray:
    """Smallest count that is exceeded with probability ≤ `chance` given alive."""
    counts = np.append(0.0, BINS[: at_least.shape[1]])
    passed = np.clip(_search(1.0 - at_least, 1.0 - chance, place), 0, len(counts) - 1)
    if len(counts) <= EXACT:
        return np.asarray(counts[passed])
    chances = np.pad(at_least, ((0, 0), (1, 0)), constant_values=1.0)
    following = np.minimum(passed + 1, len(counts) - 1)
    here, there = chances[place, passed], chances[place, following]
    part = np.clip((here - chance) / np.maximum(here - there, 1e-300), 0.0, 1.0)
    further = np.ceil((counts[following] - counts[passed]) * part) - 1.0
    bound: FloatArray = counts[passed] + np.maximum(further, 0.0)
    return bound


def _search(table: FloatArray, value: FloatArray, place: Index) -> Index:
    """Count the entries of row `place` of a table that lie below the value; rows rise in [0, 1]."""
    shelf = 2.0 * np.arange(len(table))
    flat = (table + shelf[:, None]).ravel()
    found = np.searchsorted(flat, np.clip(value, -0.5, 1.5) + shelf[place])
    return np.asarray(found - place * table.shape[1], np.intp)


def _bin_start(number: FloatArray) -> FloatArray:
    """Round down to the bin, as in `Group.orders`."""
    start: FloatArray = np.append(0.0, BINS)[np.searchsorted(BINS, number, "right")]
    return start
