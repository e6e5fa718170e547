"""How sure the value of all customers together is: three sources of error, shown apart.

In a sum over many customers their own randomness nearly cancels. What remains is that the
parameters are estimated, and that the model is not the truth: customers buy more or less than any
stationary model says, all of them at once. The first two follow from the model; the third can only
be measured, by back-tests at earlier dates, and usually it is the largest.

Each part is a standard error of the logarithm of the total, so 0.10 is about 10 %; the interval is
lognormal. `model_error` is the root mean square of log(actual / predicted) over back-tests; it is
known no better than their number allows, hence Student's t with that many degrees of freedom.

Assumptions: customers are independent given the parameters, purchases independent of spend.

Sources: the delta method; moments of the Gamma-Gamma model as in brucehardie.com note 025.

Limits: where q + p·m is 2 or less the variance of spend is infinite; an order larger than one
customer in `n` would ever place is then left out of the standard error, not of the value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtri, stdtrit

from kizuna.clv.data import FloatArray, Purchases, Spend
from kizuna.clv.fitting import Fit
from kizuna.clv.intervals import (
    States,
    alive_states,
    groups,
    masses,
    mean_discount,
    middles,
    money_scale,
    survivals,
)
from kizuna.clv.models.gamma_gamma import GammaGamma
from kizuna.clv.protocols import PurchasePredictor
from kizuna.clv.special import legendre
from kizuna.clv.value import ResidualValue, residual_clv

GRADIENT_ROWS = 50_000
LUCK_ROWS = 250_000
"""Rows from which the errors are estimated; of more, every k-th is taken. The value takes all."""

SHIFT = 1e-3


@dataclass(frozen=True, slots=True)
class PortfolioInterval:
    """A total over customers, its bounds, and the standard errors of its logarithm behind them.

    Attributes
    ----------
    value, low, high : the expected total and its bounds, in purchases or units of money.
    customers : error from the customers' own randomness.
    parameters : error from estimating the parameters.
    model : error of the model itself, as back-tests showed it; not yet widened for their number.

    """

    value: float
    low: float
    high: float
    customers: float
    parameters: float
    model: float


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What all customers together will buy and be worth in the horizon."""

    purchases: PortfolioInterval
    customer_equity: PortfolioInterval


def portfolio_interval[M: PurchasePredictor](
    purchase_fit: Fit[M],
    spend_fit: Fit[GammaGamma],
    purchases: Purchases,
    spend: Spend,
    *,
    horizon: float,
    discount: float,
    margin: ArrayLike = 1.0,
    level: float = 0.90,
    model_error: float = 0.0,
    value_error: float | None = None,
    back_tests: int | None = None,
    as_used: Callable[[M], PurchasePredictor] = lambda model: model,
) -> Portfolio:
    """Bound the total purchases and the total value of the rows; arguments as `residual_clv`.

    Parameters
    ----------
    model_error : root mean square of log(actual / predicted purchases) over back-tests; 0 leaves
        the model's own error out, which makes the interval too narrow on real data.
    value_error : the same for money; omitted, that of purchases.
    back_tests : number of back-tests behind them; omitted, the errors are taken as known.
    as_used : what predicts, made of the fitted model, e.g. the model on a clock of its own.

    """
    base = _Base(purchases, spend, horizon, discount, _shares(margin, len(purchases)))
    few = base.sample(GRADIENT_ROWS)
    models = as_used(purchase_fit.model), spend_fit.model
    own = _own_errors(*models, base.sample(LUCK_ROWS), purchases.n)
    estimated = np.sqrt(
        _log_variance(purchase_fit, lambda m: few.totals(as_used(m), models[1]))
        + _log_variance(spend_fit, lambda m: few.totals(models[0], m))
    )
    errors = model_error, model_error if value_error is None else value_error
    both = [
        log_interval(*parts, level=level, back_tests=back_tests)
        for parts in zip(base.totals(*models), own, estimated, errors, strict=True)
    ]
    return Portfolio(*both)


def log_interval(
    value: float,
    customers: float,
    parameters: float,
    model: float,
    *,
    level: float = 0.90,
    back_tests: int | None = None,
) -> PortfolioInterval:
    """Combine three standard errors of the logarithm into one interval about an expected total.

    `customers` widens about the mean, so that the total stays positive and the mean in place;
    `model` is multiplied by a quantile of Student's t where the number of back-tests is given.
    """
    normal = float(ndtri(0.5 + level / 2))
    student = normal if back_tests is None else float(stdtrit(back_tests, 0.5 + level / 2))
    half = np.hypot(normal * np.hypot(customers, parameters), student * model if model else 0.0)
    middle = float(value) * np.exp(-(customers**2) / 2)
    bounds = float(middle * np.exp(-half)), float(middle * np.exp(half))
    return PortfolioInterval(float(value), *bounds, float(customers), float(parameters), model)


@dataclass(frozen=True, slots=True, eq=False)
class _Base:
    """Customers and the terms on which they are valued; margin for each row."""

    purchases: Purchases
    spend: Spend
    horizon: float
    discount: float
    margin: FloatArray

    def sample(self, most: int) -> _Base:
        """Keep every k-th of the customers, at least `most` of them where there are more."""
        rows = slice(None, None, max(1, len(self.purchases) // most))
        few = self.purchases.take(rows), self.spend.take(rows)
        return _Base(*few, self.horizon, self.discount, self.margin[rows])

    def value(self, purchase_model: PurchasePredictor, spend_model: GammaGamma) -> ResidualValue:
        """Value each row."""
        return residual_clv(
            purchase_model,
            spend_model,
            self.purchases,
            self.spend,
            horizon=self.horizon,
            discount=self.discount,
            margin=self.margin,
        )

    def totals(self, purchase_model: PurchasePredictor, spend_model: GammaGamma) -> FloatArray:
        """Expected purchases and value of all customers, shape (2,)."""
        value = self.value(purchase_model, spend_model)
        return np.stack([value.expected_purchases, value.clv]) @ self.purchases.weights


def _shares(margin: ArrayLike, rows: int) -> FloatArray:
    return np.broadcast_to(np.asarray(margin, np.float64), (rows,))


def _own_errors(
    purchase_model: PurchasePredictor, spend_model: GammaGamma, base: _Base, n: float
) -> FloatArray:
    """Standard errors of the log totals of n such customers from their own randomness, (2,)."""
    value, states = (
        base.value(purchase_model, spend_model),
        alive_states(purchase_model, base.purchases, base.spend.x),
    )
    factor = mean_discount(purchase_model, states.pairs, base.horizon, base.discount)[states.state]
    money = money_scale(spend_model, base.spend, states) * factor * base.margin[states.rows]
    squares = _mean_squares(purchase_model, spend_model, states, base.horizon, n)
    second = squares[:, states.state] * value.p_alive[states.rows] * [np.ones(len(money)), money**2]
    first = np.stack([value.expected_purchases, value.clv])[:, states.rows]
    weights = base.purchases.weights[states.rows]
    spread, totals = np.sqrt(np.maximum(second - first**2, 0.0) @ weights), first @ weights
    relative = np.divide(spread, totals, out=np.zeros(2), where=totals > 1e-100)
    error: FloatArray = np.sqrt(np.log1p(relative**2 * base.purchases.n / n))
    return error


def _mean_squares(
    purchase_model: PurchasePredictor,
    spend_model: GammaGamma,
    states: States,
    horizon: float,
    n: float,
) -> FloatArray:
    """Mean squares given alive of the purchases, and of their cost per factor of money, (2, …)."""
    squares = np.empty((2, len(states.pairs)))
    p = spend_model.p
    for group in groups(purchase_model, states, horizon):
        price = _inverse_gamma_square(spend_model.q + p * group.orders, n)
        for block, at_least in survivals(purchase_model, states, group, horizon):
            mass, count = masses(at_least), middles(at_least.shape[1])
            squares[0, block] = mass @ count**2
            squares[1, block] = price * (mass @ (p * count * (p * count + 1.0)))
    return squares


def _inverse_gamma_square(shape: float, n: float) -> float:
    """E[1/G²] for G ~ Gamma(shape, 1), without the smallest G that one in n ever has."""
    nodes, weights = legendre(64)
    span = np.log(max(n, 100.0))
    rank = np.exp(-span * nodes)
    return float(weights @ (rank / gammaincinv(shape, rank) ** 2) * span)


def _log_variance[M](fit: Fit[M], total: Callable[[M], FloatArray]) -> FloatArray:
    """Variance of the log totals from the parameters: the delta method on log-parameters."""
    theta = np.array(list(fit.parameters.values()))
    free = np.flatnonzero((np.diag(fit.covariance) > 0) & (theta > 0))
    slopes = np.zeros((2, len(free)))
    for column, i in enumerate(free.tolist()):
        up, down = (total(_shifted(fit.model, theta, i, s)) for s in (SHIFT, -SHIFT))
        positive = (up > 0) & (down > 0)
        ratio = np.divide(up, down, out=np.ones(2), where=positive)
        slopes[:, column] = np.log(ratio) / (2 * SHIFT)
    covariance = fit.covariance[np.ix_(free, free)] / np.outer(theta[free], theta[free])
    variance: FloatArray = ((slopes @ covariance) * slopes).sum(axis=1)
    return np.maximum(variance, 0.0)


def _shifted[M](model: M, theta: FloatArray, i: int, shift: float) -> M:
    """Multiply one parameter by exp(shift)."""
    moved = theta.copy()
    moved[i] *= np.exp(shift)
    return type(model)(*(float(v) for v in moved))
