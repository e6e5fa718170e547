"""Totals over all customers with their intervals, at a cut-off and at the end of the history."""

from __future__ import annotations

import pyarrow as pa

from kizuna.clv.paced import Paced
from kizuna.clv.portfolio import Portfolio, portfolio_interval
from kizuna.clv.scores import Forecast
from kizuna.clv.totals import ModelError
from kizuna.jobs.cuts import SpendingCut
from kizuna.pipeline.know.clv_model import fit_of, pace_of
from kizuna.pipeline.know.clv_scores import data_of, terms_of
from kizuna.pipeline.parameters import Run


def total_at(kept: SpendingCut, forecast: Forecast, error: ModelError) -> Portfolio | None:
    """Bound what all customers of a cut do in its horizon; money before margin and discount."""
    if kept.spend_fit is None:
        return None
    return portfolio_interval(
        forecast.paced_fit or forecast.fit,
        kept.spend_fit,
        kept.cut.purchases,
        kept.spend,
        horizon=kept.cut.horizon,
        discount=0.0,
        model_error=error.sd,
        back_tests=error.back_tests,
        as_used=lambda model: Paced(model, forecast.pace),
    )


def total_of(
    clv_inputs: pa.Table, clv_model: pa.Table, run: Run, error: ModelError, value_error: float
) -> Portfolio | None:
    """Bound what all customers will do and be worth; None where there is no model."""
    rows = {row["role"]: row for row in clv_model.to_pylist()}
    if "spend" not in rows or "purchases" not in rows:
        return None
    pace = pace_of(rows["purchases"])
    return portfolio_interval(
        fit_of(rows["purchases"]),
        fit_of(rows["spend"]),
        *data_of(clv_inputs, run),
        **terms_of(run),
        model_error=error.sd,
        value_error=max(error.sd, value_error),
        back_tests=error.back_tests,
        as_used=lambda model: Paced(model, pace),
    )
