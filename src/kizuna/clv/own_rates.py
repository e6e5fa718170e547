"""How far a customer's own chance of buying may lie from that of all who bought like her.

A model gives the same probability to all with the same history, though each has rates of her own:
it is their mean. Given a history, own rates follow a distribution that is known in closed form, for
those who are still customers and for those who are not (conjugate priors). With her own two rates,
the history and the horizon the chance of no purchase follows; its 5 % and 95 % quantiles are told
as distances from the mean, in log-odds.

They are computed on a grid of histories (how often, how long, how long silent) and read between:
what it costs does not depend on how many customers there are.

Sources: Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way", Marketing Science
24(2); Fader and Hardie (2005), "A Note on Deriving the Pareto/NBD Model".

Limits: the parameters of the model are taken as known; what is wrong with it is not told here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import betaincinv, gammaincinv, logit

from kizuna.clv.data import FloatArray, Purchases
from kizuna.clv.models import BGNBD, MBGNBD, ParetoNBD
from kizuna.clv.paced import Paced

TAILS = (0.05, 0.95)
OFTEN = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0, 55.0, 89.0, 144.0])
"""Repeat purchases of the grid; who bought more often is taken for the last."""
AGES = np.geomspace(0.02, 500.0, 12)
"""Ages of the grid, in units of the model's alpha."""
SILENT = np.linspace(0.0, 1.0, 13)
"""Shares of the longest silence, of the grid, as logarithms of the purchases missed."""
RATES, LEAVES, MOMENTS = 16, 8, 5
"""Quantiles of the rate of buying, of that of leaving, and moments at which one may have left."""
SMALLEST = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """Distances, in log-odds, from the probability of no purchase to its 5 % and 95 % quantiles."""

    below: FloatArray
    above: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Rates:
    """Own rates that histories leave possible, each array of shape (histories, nodes).

    chance : of these rates. alive : of still being a customer.
    idle : of no purchase within the horizon, of one who still is.

    """

    chance: FloatArray
    alive: FloatArray
    idle: FloatArray

    def quantiles(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Mean and both quantiles of the chance of no purchase, shape (histories,) each."""
        none = 1.0 - self.alive * (1.0 - self.idle)
        mean = (self.chance * none).sum(axis=1)
        order = np.argsort(none, axis=1)
        none = np.take_along_axis(none, order, axis=1)
        reached = np.cumsum(np.take_along_axis(self.chance, order, axis=1), axis=1)
        low, high = (none[np.arange(len(none)), (reached < t).sum(axis=1)] for t in TAILS)
        return mean, low, high


def own_chances(model: Any, purchases: Purchases, horizon: float) -> Own:
    """Distances for rows of histories, in the periods that the model was fitted to."""
    if isinstance(model, Paced):
        model, purchases = model.model, model.pace.purchases(purchases)
    found = _grid(model, horizon)(_places(model, purchases))
    return Own(found[:, 0], found[:, 1])


@lru_cache(maxsize=8)
def _grid(model: Any, horizon: float) -> Any:
    """Distances on the grid; the same for all customers, so that few are told what many are."""
    from scipy.interpolate import RegularGridInterpolator  # costs each process that starts

    x, age, share = (grid.ravel() for grid in np.meshgrid(OFTEN, AGES, SILENT, indexing="ij"))
    T = age * model.alpha
    t_x = T - np.expm1(share * _longest(model, x, T)) * (model.alpha + T) / (model.r + x)
    t_x = np.where(x > 0, np.clip(t_x, 0.0, T), 0.0)
    mean, low, high = map(_odds, _rates(model, x, t_x, T, horizon).quantiles())
    away = np.maximum(np.stack([mean - low, high - mean], axis=-1), 0.0)
    away = away.reshape(len(OFTEN), len(AGES), len(SILENT), 2)
    return RegularGridInterpolator((np.log1p(OFTEN), np.log(AGES), SILENT), away)


def _longest(model: Any, x: FloatArray, T: FloatArray) -> FloatArray:
    """Logarithm of the purchases missed by one who has been silent since the beginning."""
    longest: FloatArray = np.log1p(T * (model.r + x) / (model.alpha + T))
    return longest


def _places(model: Any, purchases: Purchases) -> FloatArray:
    x = np.minimum(purchases.x, OFTEN[-1])
    T = np.clip(purchases.T, AGES[0] * model.alpha, AGES[-1] * model.alpha)
    missed = (purchases.T - purchases.t_x) * (model.r + x) / (model.alpha + T)
    share = np.clip(np.log1p(missed) / _longest(model, x, T), 0.0, 1.0)
    age = np.clip(np.log(T / model.alpha), *np.log(AGES[[0, -1]]))  # rounding may lead out
    return np.column_stack([np.log1p(x), age, share])


def _odds(p: FloatArray) -> FloatArray:
    odds: FloatArray = logit(np.clip(p, SMALLEST, 1.0 - SMALLEST))
    return odds


def _rates(model: Any, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float) -> _Rates:
    if isinstance(model, ParetoNBD):
        return _leaving_at_any_time(model, x, t_x, T, horizon)
    return _leaving_after_a_purchase(model, x, t_x, T, horizon)


def _leaving_after_a_purchase(
    model: BGNBD | MBGNBD, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
) -> _Rates:
    """Rates of BG/NBD and MBG/NBD: one chance to leave after each purchase; MBG: the first too."""
    chances = x + isinstance(model, MBGNBD)
    still = model.p_alive(Purchases(x, t_x, T))
    parts = (
        (still, model.alpha + T, model.a, model.b + chances),
        (1.0 - still, model.alpha + t_x, model.a + 1.0, model.b + np.maximum(chances - 1.0, 0.0)),
    )
    found = []
    for weight, seen, a, b in parts:
        buying = _gamma(model.r + x, seen, RATES)[:, :, None]
        leaving = betaincinv(a, b[:, None], _middles(LEAVES))[:, None, :]
        gone = leaving / np.maximum(1.0 - leaving, SMALLEST)
        silent = np.exp(np.minimum(buying * (T - t_x)[:, None, None], 500.0))
        alive = np.where(chances[:, None, None] > 0, 1.0 / (1.0 + gone * silent), 1.0)
        idle = np.broadcast_to(np.exp(-buying * horizon), alive.shape)
        found.append((np.broadcast_to(_even(weight, alive), alive.shape), alive, idle))
    return _joined(found)


def _leaving_at_any_time(
    model: ParetoNBD, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
) -> _Rates:
    """Rates of Pareto/NBD: as of T, or, of one who has left, of a moment at which one may have."""
    still = model.p_alive(Purchases(x, t_x, T))
    moments = t_x[:, None] + (T - t_x)[:, None] * _middles(MOMENTS)
    density = -(model.r + x)[:, None] * np.log(model.alpha + moments)
    density -= (model.s + 1.0) * np.log(model.beta + moments)
    density = np.exp(density - density.max(axis=1, keepdims=True))
    density *= ((1.0 - still) / density.sum(axis=1))[:, None]
    parts = [(still, T, model.s)]
    parts += [(density[:, k], moments[:, k], model.s + 1.0) for k in range(MOMENTS)]
    found = []
    for weight, until, shape in parts:
        buying = _gamma(model.r + x, model.alpha + until, RATES)[:, :, None]
        leaving = _gamma(np.full(len(x), shape), model.beta + until, LEAVES)[:, None, :]
        both = buying + leaving
        silent = np.expm1(np.minimum(both * (T - t_x)[:, None, None], 500.0))
        alive = 1.0 / (1.0 + leaving / both * silent)
        left = leaving / both * -np.expm1(-both * horizon)
        idle = np.exp(-both * horizon) + left
        found.append((np.broadcast_to(_even(weight, alive), alive.shape), alive, idle))
    return _joined(found)


def _joined(parts: list[tuple[FloatArray, FloatArray, FloatArray]]) -> _Rates:
    flat = [[one.reshape(len(one), -1) for one in part] for part in parts]
    return _Rates(*(np.concatenate(columns, axis=1) for columns in zip(*flat, strict=True)))


def _even(weight: FloatArray, like: FloatArray) -> FloatArray:
    """Share a weight evenly among the nodes of a history."""
    share: FloatArray = (weight / like[0].size)[:, None, None]
    return share


def _middles(n: int) -> FloatArray:
    return (np.arange(n) + 0.5) / n


def _gamma(shape: FloatArray, rate: FloatArray, n: int) -> FloatArray:
    """Quantiles of gamma distributions, shape (histories, n)."""
    shapes, which = np.unique(shape, return_inverse=True)  # few, and each is costly
    found: FloatArray = gammaincinv(shapes[:, None], _middles(n))[which] / rate[:, None]
    return found
