"""What customers will buy if they leave faster or more slowly than now.

In BG/NBD, MBG/NBD and Pareto/NBD a customer buys at a rate λ while he stays, and at any time leaves
with a rate of his own: μ in Pareto/NBD, λ·p in the others. Let everyone leave `loss` times as fast
from now on (0.8: a fifth fewer leave in any month), buying as before. Then

    M'(t) = ∫ λ exp(-loss · μ u) du, u from 0 to t,  =  M(loss · t) / loss

where M(t) is what the model expects until t of someone who is a customer now. So no model needs a
formula of its own; what is known of the past, and with it P(alive), stays as it is. On a clock of
its own (`Paced`) both rates follow that clock, and t is the time that it shows.

MBG/NBD lets customers leave at the first purchase too, with probability p; of new customers that
becomes loss · p, and with E[(1 - loss·p) g] = (1 - loss) E[g] + loss E[(1 - p) g] the answer needs
no more than BG/NBD with the same parameters, which lacks that first exit.

Limits: for loss > 1 a few customers' loss · p passes 1; what they would then take away from the
expectation of new customers is small, and the total is kept from falling below 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kizuna.clv.data import FloatArray, Purchases
from kizuna.clv.models.bg_nbd import BGNBD
from kizuna.clv.models.mbg_nbd import MBGNBD
from kizuna.clv.pace import Pace
from kizuna.clv.paced import Paced
from kizuna.clv.special import legendre

NODES = 6


def alive_purchases(
    model: Any, pairs: Purchases, times: Sequence[float], *, loss: float
) -> FloatArray:
    """Purchases until each time of customers alive now, shape (times, [draws,] rows)."""
    inner, pace = _parts(model)
    clock = pace.purchases(pairs)
    until = [loss * _shown(pace, t, pairs.T) for t in times]
    return np.stack([inner.expected_purchases_alive(clock, t) / loss for t in until])


def new_purchases(model: Any, times: Sequence[float], *, loss: float) -> FloatArray:
    """Repeat purchases of a new customer until each time, shape ([draws,] times)."""
    inner, pace = _parts(model)
    clock = loss * pace.elapsed(np.asarray(times, np.float64))
    expected = np.asarray(inner.expected_purchases_new(clock))
    if isinstance(inner, MBGNBD):
        never_at_once = BGNBD(inner.r, inner.alpha, inner.a, inner.b)
        expected = loss * expected + (1.0 - loss) * never_at_once.expected_purchases_new(clock)
    return np.maximum(expected / loss, 0.0)


def discounting(horizon: float, discount: float) -> tuple[list[float], FloatArray]:
    """Times and weights with which Σ weight · M(time) is ∫ exp(-discount · t) dM(t), by parts."""
    nodes, weights = legendre(NODES)
    times = horizon * nodes
    inner = discount * horizon * weights * np.exp(-discount * times)
    return [*times.tolist(), horizon], np.append(inner, np.exp(-discount * horizon))


def _parts(model: Any) -> tuple[Any, Pace]:
    return (model.model, model.pace) if isinstance(model, Paced) else (model, Pace())


def _shown(pace: Pace, time: float, age: FloatArray) -> Any:
    """Time that the model's clock shows after `time`; one number where it keeps the calendar."""
    return time if pace.steady else pace.horizon(time, age)
