"""Gamma-Gamma: what an order of a customer is worth.

Orders of one customer vary about the customer's own mean, and these means vary across customers.
A mean over few orders is noisy, so the expected value of the next order lies between the
customer's own mean and the population's: the more orders were seen, the nearer to the own one.

Assumptions: an order is Gamma(p, nu) for a customer; nu is Gamma(q, v) across customers; how much
is spent does not depend on how often (check the correlation of x and mean).

Parameters: p and q are shapes without unit; v is in units of money.

Sources: Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value", brucehardie.com note
025; Fader, Hardie and Lee (2005), "RFM and CLV", Journal of Marketing Research 42.

Limits: the mean is finite only for q > 1, so the search stops at `LOWEST_Q` and says so in
`Fit.at_bound`. Rows without an order, or with a mean of 0, have no density and are left out of
the fit: `spend.n - fit.n` customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import betaln, polygamma, psi

from kizuna.clv.data import FloatArray, Spend, distinct
from kizuna.clv.fitting import Fit, Objective, maximum_likelihood

LOWEST_Q = 1.05
LARGEST_SHAPE = 1e5
STARTS = ((1.0, 2.0), (6.0, 4.0), (20.0, 20.0), (0.3, 50.0))


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Gamma orders with gamma-distributed customers.

    Parameters
    ----------
    p : shape of one customer's orders; 1/√p is their coefficient of variation.
    q : shape of the rates across customers; the mean is finite for q > 1.
    v : scale of the rates across customers, in units of money.

    """

    p: float
    q: float
    v: float

    @classmethod
    def fit(cls, spend: Spend, *, start: Self | None = None) -> Fit[Self]:
        """Maximise the likelihood of rows with an order and a positive mean (note 025, eq. 1a).

        Raises
        ------
        ValueError
            When no such row exists.

        """
        usable = with_value(spend)
        scale = _geometric_mean(usable)
        starts = [_log(p, q, scale * q / p) for p, q in STARTS]
        if start is not None:
            starts.insert(0, _log(start.p, start.q, start.v))
        low = _log(1e-3, LOWEST_Q, scale * 1e-9)
        high = _log(LARGEST_SHAPE, LARGEST_SHAPE, scale * 1e9)
        return maximum_likelihood(cls, _objective, usable, starts=starts, bounds=(low, high))

    def log_likelihood(self, spend: Spend) -> FloatArray:
        """Log-density of each row's mean (note 025, eq. 1a); 0 where there is nothing to tell."""
        usable = (spend.x > 0) & (spend.mean > 0)
        x = np.where(usable, spend.x, 1.0)
        mean = np.where(usable, spend.mean, 1.0)
        total = x * mean
        value = (
            -betaln(self.p * x, self.q)
            - self.q * np.log1p(total / self.v)
            - self.p * x * np.log1p(self.v / total)
            - np.log(mean)
        )
        return np.where(usable, value, 0.0)

    def expected_spend(self, spend: Spend) -> FloatArray:
        """Mean value of a future order of each row (note 025, eq. 5), in units of money.

        The population mean where x is 0; infinite where p·x + q ≤ 1.
        """
        total = np.where(spend.x > 0, spend.x * spend.mean, 0.0)
        return self._mean(self.p * (self.v + total), self.p * spend.x + self.q - 1.0)

    def population_mean(self) -> FloatArray:
        """Mean value of an order of a customer yet unseen, p·v/(q - 1); infinite for q ≤ 1."""
        return self._mean(np.asarray(self.p * self.v), np.asarray(self.q - 1.0))

    @staticmethod
    def _mean(top: FloatArray, bottom: FloatArray) -> FloatArray:
        finite = bottom > 0
        mean: FloatArray = np.where(finite, top / np.where(finite, bottom, 1.0), np.inf)
        return mean


def with_value(spend: Spend) -> Spend:
    """Keep the rows that have a density: at least one order and a positive mean."""
    keep = np.flatnonzero((spend.x > 0) & (spend.mean > 0) & (spend.weights > 0))
    if len(keep) == 0:
        raise ValueError("Spend: no customer has an order of positive value; GammaGamma needs some")
    return spend if len(keep) == len(spend) else spend.take(keep)


def _objective(spend: Spend) -> Objective:
    """Likelihood with gradient and Hessian: two passes of the data, gamma functions per x."""
    total = spend.x * spend.mean
    weights = np.stack([spend.weights, spend.weights * spend.x])
    orders = _orders(spend)
    constant = np.array([weights[0] @ np.log(total), weights[0] @ np.log(spend.mean)])

    def objective(theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        p, q, v = np.exp(theta)
        ratio = v / total
        log_ratio = weights @ np.log1p(ratio)
        share = ratio / (1.0 + ratio)
        return _value_and_slopes(
            (p, q),
            orders,
            (spend.n * theta[2] - constant[0] - log_ratio[0], log_ratio[1], constant[1]),
            weights @ share,
            weights @ (share * share),
        )

    return objective


def _orders(spend: Spend) -> tuple[FloatArray, FloatArray]:
    """Distinct numbers of orders, and the customers with each."""
    if spend.x.max() < 1e6:
        count = np.bincount(spend.x.astype(np.int64), weights=spend.weights)
        x = np.flatnonzero(count)
        return x.astype(np.float64), count[x]
    first, index = distinct(spend.x)
    return spend.x[first], np.bincount(index, weights=spend.weights)


def _value_and_slopes(
    shapes: tuple[float, float],
    orders: tuple[FloatArray, FloatArray],
    logs: tuple[float, float, float],
    share: FloatArray,
    square: FloatArray,
) -> tuple[float, FloatArray, FloatArray]:
    """Value, gradient, Hessian in log-parameters, from sums over the rows.

    With w = v/(v + x·mean): `logs` sums log w, -x·log(1 - w) and log(mean); `share` and `square`
    sum w and w², plain and times x.
    """
    (p, q), (x, n), (log_w, log_rest, log_mean) = shapes, orders, logs
    value = -n @ betaln(p * x, q) + q * log_w - p * log_rest - log_mean
    both, own = psi(p * x + q), psi(p * x)
    slope_p = p * (n @ (x * (both - own)) - log_rest)
    slope_q = q * (n @ (both - psi(q)) + log_w)
    slope_v = q * (n.sum() - share[0]) - p * share[1]
    both, own = polygamma(1, p * x + q), polygamma(1, p * x)
    pp = p * p * (n @ (x * x * (both - own))) + slope_p
    qq = q * q * (n @ (both - polygamma(1, q))) + slope_q
    vv = -q * (share[0] - square[0]) - p * (share[1] - square[1])
    pq, pv, qv = p * q * (n @ (x * both)), -p * share[1], q * (n.sum() - share[0])
    hessian = np.array([[pp, pq, pv], [pq, qq, qv], [pv, qv, vv]])
    return float(value), np.array([slope_p, slope_q, slope_v]), hessian


def _geometric_mean(spend: Spend) -> float:
    return float(np.exp(spend.weights @ np.log(spend.mean) / spend.n))


def _log(p: float, q: float, v: float) -> FloatArray:
    return np.log(np.array([p, q, v], dtype=np.float64))
