"""What customers buy if they leave faster or more slowly: against simulation by integration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from kizuna.clv.data import Purchases
from kizuna.clv.loss import alive_purchases, discounting, new_purchases
from kizuna.clv.models import BGNBD, MBGNBD, ParetoNBD
from kizuna.clv.pace import Pace
from kizuna.clv.paced import Paced
from kizuna.clv.value import discounted_alive

MODELS = (BGNBD(0.8, 30.0, 0.9, 5.0), MBGNBD(0.8, 30.0, 0.9, 5.0), ParetoNBD(0.8, 30.0, 0.6, 90.0))
ROWS = Purchases(np.array([0.0, 3.0, 9.0]), np.array([0.0, 80.0, 150.0]), np.array([40.0, 90, 200]))
YEAR = 365.0


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_leaving_as_now_changes_nothing(model: Any) -> None:
    now = alive_purchases(model, ROWS, [YEAR], loss=1.0)[0]
    assert now == pytest.approx(model.expected_purchases_alive(ROWS, YEAR), rel=1e-12)
    new = new_purchases(model, [30.0, YEAR], loss=1.0)
    assert new == pytest.approx(model.expected_purchases_new(np.array([30.0, YEAR])), rel=1e-12)


@pytest.mark.parametrize("loss", [0.5, 1.4])
def test_pareto_customers_live_by_the_rate_of_leaving(loss: float) -> None:
    model = MODELS[2]
    assert isinstance(model, ParetoNBD)

    def staying(t: float, age: float) -> float:
        return float(((model.beta + age) / (model.beta + age + loss * t)) ** model.s)

    rate = (model.r + ROWS.x) / (model.alpha + ROWS.T)
    time = [quad(staying, 0, YEAR, args=(age,))[0] for age in ROWS.T]
    assert alive_purchases(model, ROWS, [YEAR], loss=loss)[0] == pytest.approx(rate * time)


def simulated(model: Any, loss: float) -> tuple[float, float]:
    """Mean repeat purchases of new customers in a year, and four standard errors of it."""
    rng, n = np.random.default_rng(5), 40_000
    rate = rng.gamma(model.r, 1 / model.alpha, n)
    leaving = np.minimum(loss * rng.beta(model.a, model.b, n), 1.0)
    alive = rng.random(n) >= leaving if isinstance(model, MBGNBD) else np.ones(n, np.bool_)
    clock, bought = np.zeros(n), np.zeros(n)
    while alive.any():
        clock = clock + rng.exponential(1 / rate)
        alive &= clock <= YEAR
        bought += alive
        alive &= rng.random(n) >= leaving
    return float(bought.mean()), float(4 * bought.std() / np.sqrt(n))


@pytest.mark.parametrize("loss", [0.6, 1.3])
@pytest.mark.parametrize("model", MODELS[:2], ids=lambda m: type(m).__name__)
def test_new_customers_are_those_of_a_simulation(model: Any, loss: float) -> None:
    mean, error = simulated(model, loss)
    assert float(new_purchases(model, [YEAR], loss=loss)[0]) == pytest.approx(mean, abs=error)


def test_forgetting_those_who_leave_at_once_would_be_noticed() -> None:
    mean, error = simulated(MODELS[1], 0.6)
    forgetful = float(MODELS[1].expected_purchases_new(0.6 * YEAR)) / 0.6
    assert abs(forgetful - mean) > error


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_slower_leaving_never_brings_less(model: Any) -> None:
    losses = (0.5, 0.8, 1.0, 1.5)
    today = [alive_purchases(model, ROWS, [YEAR], loss=loss)[0] for loss in losses]
    new = [new_purchases(model, [YEAR], loss=loss) for loss in losses]
    assert (np.diff(today, axis=0) < 0).all()
    assert (np.diff(new, axis=0) < 0).all()


@pytest.mark.parametrize("model", [*MODELS, Paced(MODELS[2], Pace(0.7, 20.0))], ids=repr)
def test_discounting_agrees_with_the_value_of_the_board(model: Any) -> None:
    times, weights = discounting(YEAR, 0.0003)
    bought = np.tensordot(weights, alive_purchases(model, ROWS, times, loss=1.0), 1)
    surest = Purchases(ROWS.x, np.where(ROWS.x > 0, ROWS.T, 0.0), ROWS.T)
    board = discounted_alive(model, surest, horizon=YEAR, discount=0.0003)
    assert bought == pytest.approx(board, rel=1e-5)


def test_draws_are_a_loop_over_draws() -> None:
    r, alpha, a, b = (np.array([[v], [1.1 * v]]) for v in (0.8, 30.0, 0.9, 5.0))
    drawn = alive_purchases(BGNBD(r, alpha, a, b), ROWS, [30.0, YEAR], loss=0.7)  # type: ignore[arg-type]
    alone = alive_purchases(BGNBD(0.88, 33.0, 0.99, 5.5), ROWS, [30.0, YEAR], loss=0.7)
    assert drawn[:, 1] == pytest.approx(alone)
