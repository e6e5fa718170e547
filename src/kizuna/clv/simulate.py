"""Draw customers from any model: whole histories, futures given a history, spend, contracts.

Every function takes a `numpy.random.Generator`, one customer a row (weights are ignored), and is
vectorised. A customer of the continuous models buys at a constant rate until a moment or a number
of purchases is reached; each model says how these three vary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from kizuna.clv.data import Contracts, FloatArray, Purchases, Spend
from kizuna.clv.models.bdw import BetaDiscreteWeibull
from kizuna.clv.models.bg_bb import BGBB
from kizuna.clv.models.bg_nbd import BGNBD
from kizuna.clv.models.gamma_gamma import GammaGamma
from kizuna.clv.models.mbg_nbd import MBGNBD
from kizuna.clv.models.pareto_nbd import ParetoNBD
from kizuna.clv.models.sbg import ShiftedBetaGeometric

type ContinuousModel = BGNBD | MBGNBD | ParetoNBD

MOST_EVENTS = 1e15
"""Poisson means are cut here: beyond it no generator counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """An order log: customer (index, whole), day and amount, each of shape (orders,)."""

    customer: NDArray[np.int64]
    day: FloatArray
    amount: FloatArray


def simulate_purchases(model: ContinuousModel | BGBB, age: ArrayLike, rng: Generator) -> Purchases:
    """Draw new customers and watch each for `age` periods, shape (customers,): x, t_x, T.

    For `BGBB` age counts opportunities. See `purchase_times` for the moments of all purchases.
    """
    T = np.atleast_1d(np.asarray(age, np.float64))
    if isinstance(model, BGBB):
        return _simulate_opportunities(model, T, rng)
    zero = np.zeros(len(T))
    if not (T >= 0).all():
        raise ValueError(f"age, row {int(np.argmin(T >= 0))}: must be a number of periods ≥ 0")
    new = Purchases(zero, zero, zero)
    buyers = _alive_buyers(model, new, zero.shape, rng)
    time = np.minimum(T, buyers.time_left) * (rng.random(len(T)) < _p_alive_new(model))
    count = rng.poisson(np.minimum(buyers.rate * time, MOST_EVENTS)).astype(np.float64)
    x = np.minimum(count, buyers.purchases_left)
    last = rng.beta(np.maximum(x, 1.0), count + 1.0 - x)
    return Purchases(x, np.where(x > 0, time * last, 0.0), T)


def purchase_times(purchases: Purchases, rng: Generator) -> tuple[NDArray[np.int64], FloatArray]:
    """Draw the moments of all repeat purchases: row and time, sorted; each of shape (Σ x,).

    In every continuous model those before the last are uniform on (0, t_x), given x and t_x.
    """
    x = purchases.x.astype(np.int64)
    row = np.repeat(np.arange(len(x)), x)
    share = rng.random(len(row))
    share[np.cumsum(x)[x > 0] - 1] = 1.0
    share = 2.0 * (np.sort(row + share / 2.0) - row)
    return row, share * purchases.t_x[row]


def simulate_future(
    model: ContinuousModel | BGBB, purchases: Purchases, horizon: float, rng: Generator
) -> FloatArray:
    """Draw the purchases in (T, T + horizon] of each row given its history; shape (rows,).

    With a model of draws, one future for each draw: shape (draws, rows). For `BGBB` the horizon
    counts opportunities.
    """
    p_alive = model.p_alive(purchases)
    alive = rng.random(p_alive.shape) < p_alive
    if isinstance(model, BGBB):
        return np.where(alive, _future_opportunities(model, purchases, horizon, rng), 0.0)
    buyers = _alive_buyers(model, purchases, p_alive.shape, rng)
    time = np.minimum(horizon, buyers.time_left) * alive
    count = rng.poisson(np.minimum(buyers.rate * time, MOST_EVENTS))
    future: FloatArray = np.minimum(count, buyers.purchases_left)
    return future


def simulate_spend(model: GammaGamma, x: ArrayLike, rng: Generator) -> Spend:
    """Draw customers with x orders each, shape (customers,), and the mean value of these."""
    x = np.atleast_1d(np.asarray(x, np.float64))
    rate = rng.gamma(model.q, 1.0 / model.v, x.shape)
    total = rng.gamma(model.p * x) / rate
    return Spend(x, np.where(x > 0, total / np.maximum(x, 1.0), 0.0))


def simulate_future_spend(
    model: GammaGamma, spend: Spend, count: ArrayLike, rng: Generator
) -> FloatArray:
    """Draw the total value of `count` further orders of each row, given the orders seen.

    `count` and parameters broadcast against rows. Note 025: given the orders seen, a customer's
    rate is Gamma(q + p·x, v + x·z̄).
    """
    seen = np.where(spend.x > 0, spend.x * spend.mean, 0.0)
    further, shape = np.broadcast_arrays(np.multiply(model.p, count), model.q + model.p * spend.x)
    total: FloatArray = (model.v + seen) * rng.gamma(further) / rng.gamma(shape)
    return total


def simulate_contracts(
    model: ShiftedBetaGeometric | BetaDiscreteWeibull, age: ArrayLike, rng: Generator
) -> Contracts:
    """Draw contracts and watch each over `age` renewals, shape (contracts,); later ones censored.

    A contract ends at the first renewal t with (1 - θ)^(t^c) below a uniform number.
    """
    age = np.atleast_1d(np.asarray(age, np.float64))
    c = model.c if isinstance(model, BetaDiscreteWeibull) else 1.0
    theta = rng.beta(model.alpha, model.beta, age.shape)
    with np.errstate(over="ignore"):
        lifetime = np.maximum(np.ceil(_waiting(theta, rng) ** (1.0 / c)), 1.0)
    return Contracts(np.minimum(lifetime, age), np.where(lifetime <= age, 1.0, 0.0))


def simulate_orders(
    model: ContinuousModel,
    spend_model: GammaGamma,
    start: ArrayLike,
    end: float,
    rng: Generator,
    *,
    days_per_period: float = 1.0,
) -> Orders:
    """Draw the order log of customers whose first orders are on days `start`, up to day `end`.

    Sorted by customer, then day; the first order of each customer is in it.
    """
    start = np.atleast_1d(np.asarray(start, np.float64))
    history = simulate_purchases(model, (end - start) / days_per_period, rng)
    row, time = purchase_times(history, rng)
    first = np.cumsum(history.x).astype(np.int64) - history.x.astype(np.int64)
    customer = np.insert(row, first, np.arange(len(start)))
    day = start[customer] + days_per_period * np.insert(time, first, 0.0)
    rate = rng.gamma(spend_model.q, 1.0 / spend_model.v, len(start))
    return Orders(customer, day, rng.gamma(spend_model.p, size=len(day)) / rate[customer])


@dataclass(frozen=True, slots=True, eq=False)
class _Buyers:
    """Customers alive: purchases a period, until a time or a number of purchases is reached."""

    rate: FloatArray
    time_left: FloatArray
    purchases_left: FloatArray


def _alive_buyers(
    model: ContinuousModel, history: Purchases, shape: tuple[int, ...], rng: Generator
) -> _Buyers:
    """Draw what is unknown of customers alive at T, given (x, T); t_x tells no more."""
    x, T = history.x, history.T
    rate = _gamma(model.r + x, model.alpha + T, shape, rng)
    endless = np.full(shape, np.inf)
    if isinstance(model, ParetoNBD):
        leaving = _gamma(np.add(model.s, 0.0 * x), model.beta + T, shape, rng)
        with np.errstate(divide="ignore", over="ignore"):
            return _Buyers(rate, rng.standard_exponential(shape) / leaving, endless)
    opportunities = x + (1.0 if isinstance(model, MBGNBD) else 0.0)
    p = rng.beta(np.broadcast_to(model.a, shape), np.broadcast_to(model.b + opportunities, shape))
    return _Buyers(rate, endless, np.maximum(np.ceil(_waiting(p, rng)), 1.0))


def _p_alive_new(model: ContinuousModel) -> FloatArray:
    zero = np.zeros(1)
    return model.p_alive(Purchases(zero, zero, zero))


def _gamma(
    shape_parameter: FloatArray, rate: FloatArray, shape: tuple[int, ...], rng: Generator
) -> FloatArray:
    return rng.standard_gamma(np.broadcast_to(shape_parameter, shape)) / rate


def _waiting(p: FloatArray, rng: Generator) -> FloatArray:
    """Draw G with P(G > t) = (1 - p)^t; rounded up, the trial of the first success."""
    with np.errstate(divide="ignore", over="ignore"):
        waiting: FloatArray = rng.standard_exponential(p.shape) / -np.log1p(-p)
    return waiting


def _simulate_opportunities(model: BGBB, T: FloatArray, rng: Generator) -> Purchases:
    """Play one opportunity after another."""
    leaving = rng.beta(model.gamma, model.delta, len(T))
    buying = rng.beta(model.alpha, model.beta, len(T))
    alive, x, t_x = np.ones(len(T), np.bool_), np.zeros(len(T)), np.zeros(len(T))
    for t in range(1, int(T.max(initial=0.0)) + 1):
        alive &= (rng.random(len(T)) >= leaving) & (t <= T)
        bought = alive & (rng.random(len(T)) < buying)
        x, t_x = x + bought, np.where(bought, t, t_x)
    return Purchases(x, t_x, T)


def _future_opportunities(
    model: BGBB, history: Purchases, horizon: float, rng: Generator
) -> FloatArray:
    """Draw purchases of customers alive at opportunity T + 1."""
    x, T = history.x, history.T
    buying = rng.beta(model.alpha + x, model.beta + T - x)
    leaving = rng.beta(np.add(model.gamma, 0.0 * x), model.delta + T + 1.0)
    stays = np.minimum(np.maximum(np.ceil(_waiting(leaving, rng)), 1.0), np.floor(horizon))
    return rng.binomial(stays.astype(np.int64), buying).astype(np.float64)
