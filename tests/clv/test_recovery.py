"""Simulate, fit, and find the parameters again: within a few standard errors, honestly stated."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest

import model_examples as examples
from kizuna.clv import (
    BGBB,
    BGNBD,
    MBGNBD,
    BetaDiscreteWeibull,
    Fit,
    GammaGamma,
    ParetoNBD,
    ShiftedBetaGeometric,
)

TRUTHS = (
    *examples.EVERY,
    BGNBD(1.2, 8.0, 0.6, 4.0),
    MBGNBD(2.0, 4.0, 0.3, 5.0),
    ParetoNBD(1.2, 8.0, 1.5, 40.0),
    BGBB(0.5, 3.0, 0.4, 6.0),
    GammaGamma(1.5, 5.0, 40_000.0),
    ShiftedBetaGeometric(4.0, 1.5),
    BetaDiscreteWeibull(0.8, 6.0, 0.7),
)
SIZES = {BGNBD: 30_000, MBGNBD: 30_000, ParetoNBD: 15_000}

every_truth = pytest.mark.parametrize("truth", TRUTHS, ids=repr)


def refit(truth: Any, seed: int = 3) -> Fit[Any]:
    size = SIZES.get(type(truth), 20_000)
    return type(truth).fit(examples.simulated(truth, size, seed))


def distance(fit: Fit[Any], truth: Any) -> float:
    """Mahalanobis distance of log-parameters: its square has a mean of their number."""
    theta = np.array(astuple(fit.model))
    away = np.log(theta / np.array(astuple(truth)))
    covariance = fit.covariance / np.outer(theta, theta)
    return float(np.sqrt(away @ np.linalg.solve(covariance, away)))


@every_truth
def test_the_parameters_come_back_within_their_standard_errors(truth: Any) -> None:
    fit = refit(truth)
    assert fit.converged
    assert not fit.at_bound
    assert distance(fit, truth) < 4.5


@pytest.mark.parametrize("truth", examples.EVERY, ids=examples.name)
def test_parameters_that_are_a_tenth_off_would_be_noticed(truth: Any) -> None:
    first, *_ = astuple(truth)
    field = next(iter(truth.__slots__))
    assert distance(refit(truth), replace(truth, **{field: first * 1.1})) > 4.5


@pytest.mark.parametrize("truth", examples.RETENTION, ids=examples.name)
def test_standard_errors_are_the_spread_of_repeated_fits(truth: Any) -> None:
    fits = [type(truth).fit(examples.simulated(truth, 4_000, seed)) for seed in range(60)]
    spread = np.std([np.log(astuple(f.model)) for f in fits], axis=0)
    stated = np.mean(
        [list(f.standard_errors.values()) / np.array(astuple(f.model)) for f in fits], 0
    )
    np.testing.assert_allclose(spread, stated, rtol=0.35)


KINDS: dict[str, tuple[type, tuple[tuple[float, float], ...]]] = {
    "BGBB": (BGBB, ((0.02, 100),) * 4),
    "GammaGamma": (GammaGamma, ((0.1, 100), (1.06, 60), (1e-3, 1e7))),
    "ShiftedBetaGeometric": (ShiftedBetaGeometric, ((0.01, 300),) * 2),
    "BetaDiscreteWeibull": (BetaDiscreteWeibull, ((0.01, 300), (0.01, 300), (0.2, 5))),
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_fit_to_sixty_odd_bases_is_worse_than_the_truth(kind: str) -> None:
    """Bases of 3 to 2,000 customers, whose parameters span orders of magnitude."""
    model_type, ranges = KINDS[kind]
    rng = np.random.default_rng(17)
    for seed in range(60):
        truth = model_type(*(float(np.exp(rng.uniform(*np.log(r)))) for r in ranges))
        data = examples.simulated(truth, int(np.exp(rng.uniform(1.1, 7.6))), seed)
        fit = model_type.fit(data)
        assert fit.log_likelihood >= float(truth.log_likelihood(data) @ data.weights) - 1e-5
        assert np.isfinite(fit.covariance).all()
        assert all(np.isfinite(v) and v > 0 for v in astuple(fit.model))
