"""From models to money: what a customer is worth from now on.

Residual CLV = margin × expected spend per order × discounted expected purchases after today.
What the customer paid so far is not in it: that money is already earned. An order at time t (in
periods from now) counts exp(-discount · t); without a horizon the sum has no end, and only the
discount makes it finite.

Assumptions: how much an order is worth depends on neither the time nor the number of orders, so
that the two expectations multiply; the margin is a constant share of the value of an order.

Sources: Fader, Hardie and Lee (2005), "RFM and CLV", Journal of Marketing Research 42, eq. 1;
Fader and Hardie, brucehardie.com notes 016 and 025.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kizuna.clv.data import FloatArray, Purchases, Spend, distinct
from kizuna.clv.fitting import Fit
from kizuna.clv.models.bg_bb import BGBB
from kizuna.clv.models.gamma_gamma import GammaGamma
from kizuna.clv.protocols import PurchasePredictor, SpendModel

FEWEST_BUYERS = 10
"""Customers with a known order value below which the plain mean replaces the Gamma-Gamma model."""

ALIKE = 1e12
"""The shape q at which the customers of a Gamma-Gamma model no longer differ."""

ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class ResidualValue:
    """What customers will do and be worth, one element a row of the data.

    Attributes
    ----------
    p_alive : probability of still being a customer, in [0, 1].
    expected_purchases : purchases expected in the horizon; the discounted ones without a horizon,
        for the plain number may then be infinite.
    expected_spend : mean value of a future order, in units of money.
    clv : future margin, discounted, in units of money; the past is not included.

    """

    p_alive: FloatArray
    expected_purchases: FloatArray
    expected_spend: FloatArray
    clv: FloatArray


def residual_clv(
    purchase_model: PurchasePredictor,
    spend_model: SpendModel,
    purchases: Purchases,
    spend: Spend,
    *,
    horizon: float | None,
    discount: float,
    margin: ArrayLike = 1.0,
) -> ResidualValue:
    """Value the rows of `purchases` and `spend`, which belong to the same customers in order.

    Parameters
    ----------
    horizon : periods from now that count; None for all the future.
    discount : continuous rate per period; see `continuous_discount`. Above 0 without a horizon.
    margin : share of an order's value that is earned, for all or per row.

    """
    check_terms(purchases, spend, horizon=horizon, discount=discount)
    pairs, index = alive_pairs(purchases)
    discounted = discounted_alive(purchase_model, pairs, horizon=horizon, discount=discount)
    plain = discounted
    if horizon is not None and discount > 0:
        plain = discounted_alive(purchase_model, pairs, horizon=horizon, discount=0.0)
    p_alive = p_alive_in_blocks(purchase_model, purchases)
    expected_spend = spend_model.expected_spend(spend)
    clv = np.asarray(margin, np.float64) * expected_spend * p_alive * discounted[..., index]
    return ResidualValue(p_alive, p_alive * plain[..., index], expected_spend, clv)


def continuous_discount(annual: float, *, periods_per_year: float) -> float:
    """Turn a yearly rate, 0.10 for 10 %, into the continuous rate per period: ln(1 + annual)/n."""
    if not annual > -1.0 or not periods_per_year > 0:
        raise ValueError("the yearly discount must be above -1 and periods_per_year above 0")
    return log1p(annual) / periods_per_year


def p_alive_in_blocks(model: PurchasePredictor, purchases: Purchases) -> FloatArray:
    """Probability of being alive of each row; a block at a time, so that memory stays bounded."""
    blocks = range(0, max(len(purchases), 1), ROWS_AT_ONCE)
    pieces = [model.p_alive(purchases.take(slice(i, i + ROWS_AT_ONCE))) for i in blocks]
    return np.concatenate(pieces, axis=-1)


def discounted_alive(
    model: PurchasePredictor, pairs: Purchases, *, horizon: float | None, discount: float
) -> FloatArray:
    """Discounted purchases expected of customers known to be alive, at `alive_pairs`."""

    def expected(pairs: Purchases) -> FloatArray:
        if horizon is not None and discount == 0:
            return model.expected_purchases_alive(pairs, horizon)
        all_told = model.discounted_purchases(pairs, discount=discount, horizon=horizon)
        p_alive = model.p_alive(pairs)
        return np.divide(all_told, p_alive, out=np.zeros_like(all_told), where=p_alive > 0)

    return over_ages(expected, pairs) if smooth_in_age(model) else _all(expected, pairs)


def smooth_in_age(model: PurchasePredictor) -> bool:
    """Tell whether what a customer alive will do may be interpolated between ages T."""
    return not isinstance(model, BGBB)


def over_ages(f: Callable[[Purchases], FloatArray], pairs: Purchases) -> FloatArray:
    """Evaluate f, smooth in T, at some ages for each x, and interpolate to the pairs between.

    Exact to nine digits for the models, to six on a clock that changes pace, for what an alive
    customer will do is analytic in log T. Where pairs are few they are evaluated as they are.
    """
    low, high = pairs.T[pairs.T > 0].min(initial=np.inf), pairs.T.max(initial=0.0)
    n = int(16 + 3.5 * np.log2(high / low)) if high > 0 else 0
    _, place, count = np.unique(pairs.x, return_inverse=True, return_counts=True)
    shared = (count[place] > n) & (pairs.T > 0)
    if not shared.any():
        return _all(f, pairs)
    ages, T = chebyshev_ages(low, high, n), pairs.T[shared]
    levels, place = np.unique(pairs.x[shared], return_inverse=True)
    table = f(_grid(levels, ages))
    table = table.reshape(*table.shape[:-1], len(levels), n)
    result = np.empty((*table.shape[:-2], len(pairs)))
    result[..., shared] = _interpolated(table, place, T, ages)
    result[..., ~shared] = _all(f, pairs.take(np.flatnonzero(~shared)))
    return result


def _all(f: Callable[[Purchases], FloatArray], pairs: Purchases) -> FloatArray:
    return f(pairs) if len(pairs) else np.empty(0)


def chebyshev_ages(low: float, high: float, n: int) -> FloatArray:
    """Chebyshev points in log T between two ages above 0, both included, shape (n,)."""
    unit = np.sin(np.pi / 2 * np.linspace(-1.0, 1.0, n))
    middle, half = np.log(low * high) / 2, np.log(high / low) / 2
    ages: FloatArray = np.exp(middle + half * unit)
    return ages


def interpolation(T: FloatArray, ages: FloatArray) -> FloatArray:
    """Weights of the values at `chebyshev_ages` in the value at T, shape (len(T), len(ages))."""
    side = np.where(np.arange(len(ages)) % 2, -1.0, 1.0)
    side[[0, -1]] /= 2
    gap = np.log(T)[:, None] - np.log(ages)
    hit = np.abs(gap) < 1e-13
    weight = side / np.where(hit, 1.0, gap)
    weight = np.where(hit.any(1, keepdims=True), hit, weight)
    normalised: FloatArray = weight / weight.sum(1, keepdims=True)
    return normalised


def _grid(x: FloatArray, T: FloatArray) -> Purchases:
    x, T = np.repeat(x, len(T)), np.tile(T, len(x))
    return Purchases(x, np.where(x > 0, T, 0.0), T)


def _interpolated(
    table: FloatArray, place: NDArray[np.intp], T: FloatArray, ages: FloatArray
) -> FloatArray:
    """Interpolate the rows `place` of a table (…, levels, ages) to T, in pieces for memory."""
    pieces = np.array_split(np.arange(len(T)), len(T) // ROWS_AT_ONCE + 1)
    values = [(table[..., place[i], :] * interpolation(T[i], ages)).sum(-1) for i in pieces]
    return np.concatenate(values, axis=-1)


def alive_pairs(purchases: Purchases) -> tuple[Purchases, NDArray[np.intp]]:
    """Distinct (x, T), each at its surest t_x, and for each row the index of its pair.

    Given that a customer is alive at T, the future depends on nothing else in these models. So
    the heavy work is done on the pairs, and a row only adds its probability of being alive.
    """
    first, index = distinct(purchases.x, purchases.T)
    x, T = purchases.x[first], purchases.T[first]
    weight = np.bincount(index, weights=purchases.weights, minlength=len(first))
    return Purchases(x, np.where(x > 0, T, 0.0), T, weight), index


def fit_spend(spend: Spend) -> Fit[GammaGamma]:
    """Fit a Gamma-Gamma model, or `plain_mean` where too few orders or a wild tail forbid it."""
    buyers = (spend.x > 0) & (spend.mean > 0)
    if spend.weights[buyers].sum() < FEWEST_BUYERS:
        return plain_mean(spend)
    fit = GammaGamma.fit(spend)
    return plain_mean(spend) if not fit.converged or "q" in fit.at_bound else fit


def plain_mean(spend: Spend) -> Fit[GammaGamma]:
    """Give every customer the mean of all orders: a Gamma-Gamma model without differences.

    `Fit.at_bound` names q. Orders of value 0 count. The variance of an order is estimated from
    the means of customers with several orders, as if all customers were alike.

    Raises
    ------
    ValueError
        When there is no order at all.

    """
    orders = spend.weights * spend.x
    n = float(orders.sum())
    if n == 0:
        raise ValueError("Spend: no row has an order, so nothing is known of the value of orders")
    mean = float(orders @ spend.mean) / n
    spread = float(orders @ (spend.mean - mean) ** 2) / max(spend.weights[spend.x > 0].sum(), 1.0)
    p = min(max(mean**2 / spread if spread > 0 else np.inf, 1e-3), 1e5)
    model = GammaGamma(p, ALIKE, mean * (ALIKE - 1.0) / p)
    return _plain_fit(model, spend, relative_error=1.0 / np.sqrt(n * p))


def is_plain_mean(model: GammaGamma) -> bool:
    """Tell whether the model is `plain_mean`, in which customers do not differ in spend."""
    return bool(np.all(np.asarray(model.q) >= ALIKE))


def _plain_fit(model: GammaGamma, spend: Spend, *, relative_error: float) -> Fit[GammaGamma]:
    covariance = np.zeros((3, 3))
    covariance[2, 2] = (relative_error * model.v) ** 2
    rows = (spend.x > 0) & (spend.mean > 0)
    value = float(spend.weights @ model.log_likelihood(spend)) if rows.any() else 0.0
    return Fit(model, value, covariance, True, float(spend.weights[rows].sum()), ("q",))


def check_terms(
    purchases: Purchases, spend: Spend, *, horizon: float | None, discount: float
) -> None:
    """Raise `ValueError` where the rows do not match or the future has no finite value."""
    if len(purchases) != len(spend):
        raise ValueError(
            f"purchases and spend must be the same customers in the same order, "
            f"got {len(purchases)} and {len(spend)} rows"
        )
    if not discount >= 0:
        raise ValueError(f"discount must be ≥ 0 per period, got {discount}")
    if horizon is None and discount == 0:
        raise ValueError("without a horizon the discount must be above 0, or the value is infinite")
    if horizon is not None and not (np.isfinite(horizon) and horizon > 0):
        raise ValueError(f"horizon must be a finite number of periods above 0, got {horizon}")
