"""Models with plausible parameters, and histories for each: what the generic tests run over."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import numpy as np
from hypothesis import strategies as st

from kizuna.clv import (
    BGBB,
    BGNBD,
    MBGNBD,
    BetaDiscreteWeibull,
    Contracts,
    GammaGamma,
    ParetoNBD,
    Purchases,
    ShiftedBetaGeometric,
    Spend,
)
from kizuna.clv.simulate import simulate_contracts, simulate_purchases, simulate_spend

CONTINUOUS = (
    BGNBD(0.243, 4.414, 0.793, 2.426),
    MBGNBD(0.525, 6.183, 0.891, 1.614),
    ParetoNBD(0.553, 10.578, 0.606, 11.669),
)
PURCHASE = (*CONTINUOUS, BGBB(1.204, 0.750, 0.657, 2.783))
SPEND = (GammaGamma(6.25, 3.74, 15.44),)
RETENTION = (ShiftedBetaGeometric(0.668, 3.806), BetaDiscreteWeibull(0.5, 2.0, 1.4))
EVERY = (*PURCHASE, *SPEND, *RETENTION)

log_uniform = st.floats(-5.0, 5.0).map(np.exp)


def name(model: Any) -> str:
    return type(model).__name__


def simulated(model: Any, n: int = 400, seed: int = 7) -> Any:
    """Data of n customers that the model itself produced."""
    rng = np.random.default_rng(seed)
    if isinstance(model, GammaGamma):
        return simulate_spend(model, rng.poisson(2.0, n), rng)
    if isinstance(model, RETENTION_TYPES):
        return simulate_contracts(model, rng.integers(1, 15, n), rng)
    age = rng.integers(0, 12, n) if isinstance(model, BGBB) else rng.uniform(0, 60, n)
    return simulate_purchases(model, age, rng)


def histories(model: Any) -> Purchases:
    """Ordinary and extreme histories that the model may be shown."""
    if isinstance(model, BGBB):
        return Purchases([0, 0, 1, 2, 6, 1, 30], [0, 0, 1, 4, 6, 40, 35], [0, 6, 6, 6, 6, 40, 40])
    x = [0, 0, 1, 2, 26, 3, 400, 5]
    return Purchases(x, [0, 0, 5, 30.43, 30.86, 0.01, 39, 40], [0, 40, 40, 38.86, 31, 500, 40, 40])


def spends() -> Spend:
    return Spend([0, 1, 1, 2, 30, 3, 2], [0, 5, 500, 20, 20, 0.01, 0])


def contracts() -> Contracts:
    return Contracts([1, 2, 5, 0, 3, 12, 40], [1, 1, 1, 0, 0, 0, 1])


def with_draws(model: Any, draws: int = 3) -> tuple[Any, list[Any]]:
    """Build a model of draws, shape (draws, 1), and the same draws one by one."""
    factors = 1.0 + 0.2 * np.arange(draws)
    single = [type(model)(*(float(v) * f for v in astuple(model))) for f in factors]
    columns = zip(*(astuple(m) for m in single), strict=True)
    return type(model)(*(np.array(c)[:, None] for c in columns)), single


def fields_equal(a: Any, b: Any, rel: float) -> bool:
    return bool(np.allclose(astuple(a), astuple(b), rtol=rel, atol=0))


RETENTION_TYPES = (ShiftedBetaGeometric, BetaDiscreteWeibull)
