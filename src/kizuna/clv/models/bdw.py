"""Beta-discrete-Weibull (BdW): contracts whose own churn probability may change with age.

Like the shifted-beta-geometric, but the clock of a customer need not run evenly: with c < 1 each
customer grows more loyal with age, with c > 1 less so; c = 1 is the shifted-beta-geometric. It
projects better where retention falls before it rises.

Assumptions: contractual, discrete renewals; one start per contract; one c for all customers.

Parameters: alpha and beta, shapes of the churn probability at the first renewal; c, the power of
the clock. None has a unit.

Source: Fader, Hardie, Liu, Davin and Steenburgh (2018), "'How to Project Customer Retention'
Revisited: The Role of Duration Dependence", Journal of Interactive Marketing 43.

Limits: three parameters need a history of five periods or more; for alpha · c ≤ 1 the undiscounted
expected lifetime without a horizon is infinite, and is given so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from kizuna.clv import renewal
from kizuna.clv.data import Contracts, FloatArray
from kizuna.clv.fitting import Fit, Objective, maximum_likelihood, numeric_objective

STARTS = ((1.0, 1.0, 1.0), (0.5, 5.0, 1.2), (0.5, 1.0, 0.8), (20.0, 80.0, 1.0))
LOWEST, HIGHEST = (1e-5, 1e-5, 0.02), (1e6, 1e6, 20.0)
LOG_LATEST = 230.0


@dataclass(frozen=True, slots=True)
class BetaDiscreteWeibull:
    """Discrete Weibull lifetimes with beta-distributed churn probabilities.

    Parameters
    ----------
    alpha : first shape of the churn probability.
    beta : second shape of the churn probability.
    c : power of the clock; 1 means no duration dependence.

    """

    alpha: float
    beta: float
    c: float

    @classmethod
    def fit(cls, contracts: Contracts, *, start: Self | None = None) -> Fit[Self]:
        """Maximise the likelihood with censoring."""
        starts = [np.log(shapes) for shapes in STARTS]
        if start is not None:
            starts.insert(0, np.log([start.alpha, start.beta, start.c]))
        bounds = np.log(LOWEST), np.log(HIGHEST)
        patterns = contracts.compress()
        return maximum_likelihood(cls, _objective, patterns, starts=starts, bounds=bounds)

    def log_likelihood(self, contracts: Contracts) -> FloatArray:
        """Log-probability of each row: lost in its period, or survived so far."""
        survived = contracts.duration - contracts.churned
        kept = np.minimum(self._log_kept(survived, 1.0), -np.finfo(float).tiny)
        lost = np.where(contracts.churned > 0, np.log(-np.expm1(kept)), 0.0)
        return self._log_kept(np.zeros(1), survived) + lost

    def survival(self, period: ArrayLike) -> FloatArray:
        """Probability that a new contract survives `period` renewals."""
        return np.exp(self._log_kept(np.zeros(()), np.asarray(period, np.float64)))

    def retention_rate(self, period: ArrayLike) -> FloatArray:
        """Share of those alive before renewal `period` = 1, 2, … who survive it."""
        return np.exp(self._log_kept(np.asarray(period, np.float64) - 1.0, 1.0))

    def expected_lifetime(self, *, discount: float = 0.0, horizon: int | None = None) -> FloatArray:
        """Periods that a new contract pays for, discounted, the first in full.

        `discount` is a rate per period; `horizon` counts periods, None means without end.
        """
        return self._lifetime(np.zeros(()), 0.0, discount, horizon)

    def residual_lifetime(
        self, renewals: ArrayLike, *, discount: float = 0.0, horizon: int | None = None
    ) -> FloatArray:
        """Periods still to be paid for after `renewals` renewals, discounted.

        Reckoned just before the next renewal, which is not discounted. `horizon` counts renewals.
        """
        return self._lifetime(np.asarray(renewals, np.float64), 1.0, discount, horizon)

    def _lifetime(
        self, age: FloatArray, first: float, discount: float, horizon: int | None
    ) -> FloatArray:
        renewal.check_terms(discount, horizon)
        shapes = np.broadcast_arrays(self.alpha, self.beta, self.c, age)
        alpha, beta, c, age = (a[..., None] for a in shapes)
        model = BetaDiscreteWeibull(alpha, beta, c)  # type: ignore[arg-type]

        def log_alive(t: FloatArray) -> FloatArray:
            return model._log_kept(age, first + t)

        if discount == 0 and horizon is None:
            last = LOG_LATEST / max(1.0, float(np.max(self.c)))
            return renewal.endless_lifetime(log_alive, shapes[0] * shapes[2], last)
        return renewal.lifetime(log_alive, discount=discount, horizon=horizon)

    def _log_kept(self, age: ArrayLike, more: ArrayLike) -> FloatArray:
        """Log-probability that a contract alive at `age` survives `more` renewals on."""
        begun = np.power(age, self.c)
        latest = np.exp(1.5 * LOG_LATEST / np.maximum(self.c, 1.0))
        ended = np.power(np.minimum(np.add(age, more), latest), self.c)
        return renewal.log_survival(self.alpha, self.beta + begun, ended - begun)


def _objective(contracts: Contracts) -> Objective:
    weights = contracts.weights

    def value(theta: FloatArray) -> float:
        model = BetaDiscreteWeibull(*np.exp(theta))
        return float(weights @ model.log_likelihood(contracts))

    return numeric_objective(value)
