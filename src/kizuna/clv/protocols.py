"""What callers may expect of a model, by kind; models share no base class.

Every method is pure. Shapes: with scalar parameters a result has shape (rows,); with parameters
that are arrays of draws, of shape (draws, 1), it has shape (draws, rows). Times are in periods of
the data that the model was fitted to.
"""

from __future__ import annotations

from typing import Protocol, Self

from numpy.typing import ArrayLike

from kizuna.clv.data import Contracts, FloatArray, Purchases, Spend
from kizuna.clv.fitting import Fit


class PurchasePredictor(Protocol):
    """What may be asked of a purchase model, whatever clock it keeps."""

    def p_alive(self, purchases: Purchases) -> FloatArray:
        """Probability that the customer is still a customer at T, in [0, 1]."""
        ...

    def expected_purchases(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Purchases expected in (T, T + horizon], given the row's history."""
        ...

    def expected_purchases_alive(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Give `expected_purchases` of a customer known to be alive at T; ignores t_x."""
        ...

    def expected_purchases_new(self, horizon: ArrayLike) -> FloatArray:
        """Repeat purchases expected of a new customer in (0, horizon]; broadcasts over horizon."""
        ...

    def discounted_purchases(
        self, purchases: Purchases, *, discount: float, horizon: float | None = None
    ) -> FloatArray:
        """Purchases expected after T, each worth exp(-discount · t) at time T + t.

        `discount` is continuous, per period; `horizon` None means without end (DERT).
        """
        ...

    def p_at_least_alive(
        self, count: ArrayLike, purchases: Purchases, horizon: float
    ) -> FloatArray:
        """Probability of ≥ count purchases in (T, T + horizon] given alive at T; ignores t_x."""
        ...

    def p_at_least(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of at least `count` purchases in (T, T + horizon]."""
        ...

    def p_exactly(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of exactly `count` purchases in (T, T + horizon]."""
        ...


class PurchaseModel(PurchasePredictor, Protocol):
    """How often customers without a contract will buy, and whether they are still customers."""

    @classmethod
    def fit(cls, purchases: Purchases, *, start: Self | None = None) -> Fit[Self]:
        """Maximum likelihood; never raises on valid data."""
        ...

    def log_likelihood(self, purchases: Purchases) -> FloatArray:
        """Log-likelihood of each row, unweighted."""
        ...


class SpendModel(Protocol):
    """How much an order of a customer is worth."""

    @classmethod
    def fit(cls, spend: Spend, *, start: Self | None = None) -> Fit[Self]:
        """Maximum likelihood over rows with x ≥ 1 and a positive mean."""
        ...

    def log_likelihood(self, spend: Spend) -> FloatArray:
        """Log-likelihood of each row, unweighted."""
        ...

    def expected_spend(self, spend: Spend) -> FloatArray:
        """Mean value of the customer's future orders, given those seen."""
        ...

    def population_mean(self) -> FloatArray:
        """Mean value of an order of a customer about whom nothing is known."""
        ...


class RetentionModel(Protocol):
    """How long contracts last, in renewal periods."""

    @classmethod
    def fit(cls, contracts: Contracts, *, start: Self | None = None) -> Fit[Self]:
        """Maximum likelihood with censoring."""
        ...

    def log_likelihood(self, contracts: Contracts) -> FloatArray:
        """Log-likelihood of each row, unweighted."""
        ...

    def survival(self, period: ArrayLike) -> FloatArray:
        """Probability that a new contract survives `period` renewals."""
        ...

    def retention_rate(self, period: ArrayLike) -> FloatArray:
        """Probability of surviving renewal `period` given survival of the one before."""
        ...

    def expected_lifetime(self, *, discount: float = 0.0, horizon: int | None = None) -> FloatArray:
        """Discounted expected lifetime of a new contract, the first period in full (DEL)."""
        ...

    def residual_lifetime(
        self, renewals: ArrayLike, *, discount: float = 0.0, horizon: int | None = None
    ) -> FloatArray:
        """Discounted expected residual lifetime after `renewals` renewals (DERL)."""
        ...
