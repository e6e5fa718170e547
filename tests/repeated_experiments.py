"""Experiments on simulated shops, over and over: how often an analysis is wrong.

    shop = Shop.drawn("cdnow")
    misses(shop, analysis, customers=500, holdout=0.1, times=1000)

A shop's customers have a history, what they then spend in 26 weeks, and two covariates known
before: predicted value and spend in as many weeks before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from kizuna.clv.models.bg_nbd import BGNBD
from kizuna.clv.models.gamma_gamma import GammaGamma
from kizuna.clv.simulate import (
    purchase_times,
    simulate_future,
    simulate_future_spend,
    simulate_purchases,
    simulate_spend,
)
from kizuna.experiments.interval import Interval

MODELS = {
    "cdnow": BGNBD(0.243, 4.414, 0.793, 2.426),
    "active": BGNBD(1.2, 8.0, 0.6, 4.0),
    "grocery": BGNBD(2.0, 4.0, 0.3, 10.0),
}
VALUES = GammaGamma(6.25, 3.74, 15.44)
CUSTOMERS = 200_000
WEEKS = 26.0
LIFT = 0.15

type Analysis = Callable[..., Interval]


@dataclass(frozen=True)
class Shop:
    """Customers of a shop: what they spend in 26 weeks, and what was known before."""

    spend: np.ndarray
    predicted: np.ndarray
    past: np.ndarray

    @staticmethod
    @cache
    def drawn(name: str, customers: int = CUSTOMERS) -> Shop:
        """Draw a shop, always the same one."""
        rng, model = np.random.default_rng(7), MODELS[name]
        history = simulate_purchases(model, rng.uniform(8, 104, customers), rng)
        seen = simulate_spend(VALUES, history.x, rng)
        orders = simulate_future(model, history, WEEKS, rng)
        spent = simulate_future_spend(VALUES, seen, orders, rng)
        predicted = model.expected_purchases(history, WEEKS) * VALUES.expected_spend(seen)
        row, time = purchase_times(history, rng)
        recent = np.bincount(row[time > history.T[row] - WEEKS], minlength=customers)
        return Shop(spent, predicted, recent * seen.mean)


@dataclass(frozen=True)
class Misses:
    """How often an interval missed the truth, and on which side."""

    too_high: float
    too_low: float

    @property
    def both(self) -> float:
        return self.too_high + self.too_low


def misses(
    shop: Shop,
    analysis: Analysis,
    *,
    customers: int,
    holdout: float,
    times: int,
    lift: float = 0.0,
    seed: int = 1,
) -> Misses:
    """Repeat an experiment with a known effect, and count the misses."""
    rng, truth = np.random.default_rng(seed), lift * shop.spend.mean()
    high = low = 0
    for _ in range(times):
        rows = rng.choice(len(shop.spend), customers, replace=False)
        held = np.zeros(customers, bool)
        held[: round(customers * holdout)] = True
        y = shop.spend[rows] * np.where(held, 1.0, 1.0 + lift)
        covariates = np.column_stack([shop.predicted[rows], shop.past[rows]])
        found = analysis(y[~held], covariates[~held], y[held], covariates[held])
        high += found.low > truth
        low += found.high < truth
    return Misses(high / times, low / times)
