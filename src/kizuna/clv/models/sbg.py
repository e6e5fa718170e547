"""Shifted-beta-geometric (sBG): how long contracts last when customers differ in loyalty.

At each renewal a customer leaves with a probability of their own, the same every time; these
probabilities vary across customers. Retention then rises with age though nobody grows more loyal:
those who leave easily have left. One constant churn rate understates the value of old customers.

Assumptions: contractual, discrete renewals; one start per contract; no duration dependence within
a customer (see `BetaDiscreteWeibull`); no season, price change or covariate.

Parameters: alpha and beta, the shapes of the churn probability, without unit; the mean churn
probability at the first renewal is alpha / (alpha + beta).

Sources: Fader and Hardie (2007), "How to Project Customer Retention", Journal of Interactive
Marketing 21(1); Fader and Hardie (2010), "Customer-Base Valuation in a Contractual Setting: The
Perils of Ignoring Heterogeneity", Marketing Science 29(1).

Limits: for alpha ≤ 1 the undiscounted expected lifetime without a horizon is infinite, and is
given so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from kizuna.clv import renewal
from kizuna.clv.data import Contracts, FloatArray
from kizuna.clv.fitting import Fit, Objective, maximum_likelihood, numeric_objective

STARTS = ((1.0, 1.0), (0.5, 5.0), (20.0, 80.0))
LOWEST, HIGHEST = 1e-5, 1e6


@dataclass(frozen=True, slots=True)
class ShiftedBetaGeometric:
    """Geometric lifetimes with beta-distributed churn probabilities.

    Parameters
    ----------
    alpha : first shape of the churn probability.
    beta : second shape of the churn probability.

    """

    alpha: float
    beta: float

    @classmethod
    def fit(cls, contracts: Contracts, *, start: Self | None = None) -> Fit[Self]:
        """Maximise the likelihood with censoring (2007, appendix)."""
        starts = [np.log(shapes) for shapes in STARTS]
        if start is not None:
            starts.insert(0, np.log([start.alpha, start.beta]))
        bounds = np.log([LOWEST] * 2), np.log([HIGHEST] * 2)
        patterns = contracts.compress()
        return maximum_likelihood(cls, _objective, patterns, starts=starts, bounds=bounds)

    def log_likelihood(self, contracts: Contracts) -> FloatArray:
        """Log-probability of each row: lost in its period (eq. 5), or survived so far (eq. 6)."""
        survived = contracts.duration - contracts.churned
        lost = np.log(self.alpha) - np.log(self.alpha + self.beta + survived)
        value: FloatArray = self._log_survival(survived) + contracts.churned * lost
        return value

    def survival(self, period: ArrayLike) -> FloatArray:
        """Probability that a new contract survives `period` renewals (2007, eq. 6)."""
        return np.exp(self._log_survival(np.asarray(period, np.float64)))

    def retention_rate(self, period: ArrayLike) -> FloatArray:
        """Share of those alive before renewal `period` = 1, 2, … who survive it (2007, eq. 8)."""
        loyal = self.beta + np.asarray(period, np.float64) - 1.0
        rate: FloatArray = loyal / (self.alpha + loyal)
        return rate

    def expected_lifetime(self, *, discount: float = 0.0, horizon: int | None = None) -> FloatArray:
        """Periods that a new contract pays for, discounted, the first in full (2010: DEL).

        `discount` is a rate per period; `horizon` counts periods, None means without end.
        Equals ₂F₁(1, β; α + β; 1 / (1 + d)).
        """
        renewal.check_terms(discount, horizon)
        return renewal.geometric_lifetime(
            self.alpha, self.beta, 0, discount=discount, horizon=horizon
        )

    def residual_lifetime(
        self, renewals: ArrayLike, *, discount: float = 0.0, horizon: int | None = None
    ) -> FloatArray:
        """Periods still to be paid for after `renewals` renewals, discounted (2010, eq. 6: DERL).

        Reckoned just before the next renewal, which is not discounted. `horizon` counts renewals.
        """
        loyal = np.add(self.beta, np.asarray(renewals, np.float64))
        renewal.check_terms(discount, horizon)
        return renewal.geometric_lifetime(self.alpha, loyal, 1, discount=discount, horizon=horizon)

    def _log_survival(self, period: FloatArray) -> FloatArray:
        return renewal.log_survival(self.alpha, self.beta, period)


def _objective(contracts: Contracts) -> Objective:
    weights = contracts.weights

    def value(theta: FloatArray) -> float:
        model = ShiftedBetaGeometric(*np.exp(theta))
        return float(weights @ model.log_likelihood(contracts))

    return numeric_objective(value)
