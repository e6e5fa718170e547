"""Scores of forecasts made at a cut-off, beside baselines that need no model.

A `Cut` is a history at a cut-off together with what its customers did next. A `Forecast` is fitted
on the former and scored on the latter. Baselines: nothing happens (`zero`), everyone goes on at his
own rate (`own_rate`), value goes to those who paid most so far (`past_spend`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kizuna.clv import evaluate
from kizuna.clv.data import FloatArray, Purchases, distinct
from kizuna.clv.fitting import Fit
from kizuna.clv.pace import Fitter, Pace, RepeatAges
from kizuna.clv.paced import Paced
from kizuna.clv.protocols import PurchaseModel

SCORED_ROWS = 20_000
"""Rows (history × outcome) whose probabilities are computed; of more, every k-th is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Histories at a cut-off and what followed, one row a customer or a pattern of equal rows.

    Parameters
    ----------
    purchases : histories up to the cut-off, with weights where rows are patterns.
    actual : purchases in the horizon, per customer, shape (rows,).
    horizon : periods between the cut-off and the end of what is known.
    ages : repeat purchases by age up to the cut-off; None: no pace can be estimated.
    past_spend : money spent up to the cut-off, first order included, per customer.
    order_value : expected value of a future order, by a spend model fitted before the cut-off.
    actual_spend : money spent in the horizon, per customer.

    """

    purchases: Purchases
    actual: FloatArray
    horizon: float
    ages: RepeatAges | None = None
    past_spend: FloatArray | None = None
    order_value: FloatArray | None = None
    actual_spend: FloatArray | None = None

    @property
    def weights(self) -> FloatArray:
        return self.purchases.weights

    @property
    def actual_purchases(self) -> float:
        """Purchases of all customers in the horizon."""
        return float((self.weights * self.actual).sum())

    @property
    def knows_spend(self) -> bool:
        return self.order_value is not None and self.actual_spend is not None


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """A model fitted at a cut-off: `fit` on the calendar, `model` as used to predict."""

    name: str
    fit: Fit[PurchaseModel]
    model: Paced[PurchaseModel]
    paced_fit: Fit[PurchaseModel] | None = None

    @property
    def pace(self) -> Pace:
        return self.model.pace

    @property
    def on_calendar(self) -> Forecast:
        """The same fit without a pace, as in the literature."""
        return Forecast(self.name, self.fit, Paced(self.fit.model, Pace()))


@dataclass(frozen=True, slots=True)
class Candidate:
    """How one forecast did on the holdout; None where a measure has no meaning.

    Attributes
    ----------
    rmse, mae : error of the number of purchases per customer.
    bias : predicted total ÷ actual total - 1.
    gini : normalised Gini of the ranking by value (by purchases where no spend is known).
    coverage_90 : share of outcomes in the central 90 % of the forecast, randomised PIT.
    log_score : mean log probability of the outcome; larger is better.
    slope : of actual on predicted purchases; 1 is right.

    """

    name: str
    rmse: float
    mae: float
    bias: float | None
    gini: float | None
    coverage_90: float | None = None
    log_score: float | None = None
    slope: float | None = None
    predicted_purchases: float = 0.0
    predicted_spend: float | None = None


def fit_forecast(
    name: str, fitter: Fitter, purchases: Purchases, pace: Pace | None = None
) -> Forecast:
    """Fit on the calendar and, where a pace is given, once more on its clock."""
    fit = fitter(purchases)
    if pace is None or pace.steady:
        return Forecast(name, fit, Paced(fit.model, Pace()))
    paced = fitter(pace.purchases(purchases), start=fit.model)
    return Forecast(name, fit, Paced(paced.model, pace), paced)


def predict(forecast: Forecast, cut: Cut) -> FloatArray:
    """Purchases expected in the cut's horizon, shape (rows,)."""
    patterns, index = cut.purchases.compress_with_index()
    return forecast.model.expected_purchases(patterns, cut.horizon)[index]


def score(forecast: Forecast, cut: Cut) -> Candidate:
    """Hold a forecast against what happened."""
    below, up_to, weight = outcome_probabilities(forecast, cut)
    return _candidate(
        forecast.name,
        predict(forecast, cut),
        cut,
        coverage_90=evaluate.coverage(below, up_to, weight, level=0.9),
        log_score=evaluate.log_score(up_to - below, weight),
    )


def baselines(cut: Cut) -> list[Candidate]:
    """Score what needs no model; `past_spend` only where spend is known.

    `own_rate` repeats x purchases in T periods for the horizon; `past_spend` shares the same
    total out in proportion to what each customer has paid so far.
    """
    p = cut.purchases
    rate = np.divide(p.x, p.T, out=np.zeros_like(p.T), where=p.T > 0) * cut.horizon
    found = [
        _candidate("zero", np.zeros(len(p)), cut),
        _candidate("own_rate", rate, cut, value=_own_value(rate, cut)),
    ]
    if cut.past_spend is not None and cut.knows_spend:
        paid = float((p.weights * cut.past_spend).sum())
        share = cut.past_spend * (float((p.weights * rate).sum()) / paid if paid > 0 else 0.0)
        found.append(_candidate("past_spend", share, cut, value=cut.past_spend))
    return found


def outcome_probabilities(
    forecast: Forecast, cut: Cut
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """P(X < actual), P(X ≤ actual) and weight of distinct rows, or of a systematic sample."""
    p = cut.purchases
    first, row = distinct(p.x, p.t_x, p.T, cut.actual)
    weight = np.bincount(row, weights=p.weights, minlength=len(first))
    keep = slice(None, None, max(1, len(first) // SCORED_ROWS))
    first, weight = first[keep], weight[keep]
    rows, actual = p.take(first), cut.actual[first]
    at_least = forecast.model.p_at_least(actual, rows, cut.horizon)
    more = forecast.model.p_at_least(actual + 1.0, rows, cut.horizon)
    return 1.0 - at_least, 1.0 - np.minimum(more, at_least), weight


def mean_log_score(forecast: Forecast, cut: Cut) -> float:
    """Mean log probability that the forecast gave to what each customer did."""
    below, up_to, weight = outcome_probabilities(forecast, cut)
    return evaluate.log_score(up_to - below, weight)


def _candidate(
    name: str,
    predicted: FloatArray,
    cut: Cut,
    *,
    value: FloatArray | None = None,
    coverage_90: float | None = None,
    log_score: float | None = None,
) -> Candidate:
    w, actual = cut.weights, cut.actual
    spend = predicted * cut.order_value if cut.order_value is not None else None
    rank, outcome = predicted, actual
    if cut.knows_spend and cut.actual_spend is not None and spend is not None:
        rank, outcome = (spend if value is None else value), cut.actual_spend
    return Candidate(
        name,
        evaluate.rmse(predicted, actual, w),
        evaluate.mae(predicted, actual, w),
        evaluate.bias(predicted, actual, w),
        evaluate.normalised_gini(rank, outcome, w),
        coverage_90,
        log_score,
        evaluate.calibration_slope(predicted, actual, w),
        float((w * predicted).sum()),
        None if spend is None else float((w * spend).sum()),
    )


def _own_value(rate: FloatArray, cut: Cut) -> FloatArray | None:
    """Own rate × own mean order, where spend is known."""
    if cut.past_spend is None:
        return None
    mean: FloatArray = cut.past_spend / (cut.purchases.x + 1.0)
    return rate * mean
