"""Tables of the holdout for the report: by tenths, by frequency, and week by week."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from kizuna.clv import evaluate
from kizuna.clv.data import FloatArray
from kizuna.clv.scores import Cut, Forecast, predict
from kizuna.clv.tracking import track
from kizuna.pipeline.run import Run
from kizuna.pipeline.tables import arrow_schema


def of_holdout(
    cohort_days: pa.Table, forecast: Forecast, cut: Cut, start: date, run: Run
) -> dict[str, pa.Table]:
    """Draw up the three tables."""
    predicted = predict(forecast, cut)
    return {
        "calibration": _calibration(predicted, cut),
        "frequency_calibration": _by_frequency(predicted, cut),
        "tracking": _tracking(cohort_days, forecast, start, run),
    }


def _calibration(predicted: FloatArray, cut: Cut) -> pa.Table:
    """Means by tenths of the prediction; spend where it is known."""
    columns = {"predicted_purchases": predicted, "actual_purchases": cut.actual}
    if cut.order_value is not None and cut.actual_spend is not None:
        columns["predicted_spend"] = predicted * cut.order_value
        columns["actual_spend"] = cut.actual_spend
    deciles = {
        name: [row.actual for row in evaluate.decile_table(predicted, values, cut.weights)]
        for name, values in columns.items()
    }
    customers = round(cut.purchases.n / 10)
    rows = [
        {"decile": i + 1, "customers": customers, **{n: v[i] for n, v in deciles.items()}}
        for i in range(10)
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("calibration"))


def _by_frequency(predicted: FloatArray, cut: Cut) -> pa.Table:
    found = evaluate.frequency_table(cut.purchases.x, predicted, cut.actual, cut.weights)
    rows = [
        {
            "frequency": row.label,
            "customers": round(row.customers),
            "predicted": row.predicted,
            "actual": row.actual,
        }
        for row in found
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("frequency_calibration"))


def _tracking(cohort_days: pa.Table, forecast: Forecast, start: date, run: Run) -> pa.Table:
    """Expected and actual repeat purchases a week, of customers acquired before the holdout."""
    first, day = (cohort_days[name].to_numpy() for name in ("first_purchase", "day"))
    count = cohort_days["purchases"].to_numpy()
    origin, days = first.min(), int((np.datetime64(run.as_of) - first.min()).astype(int)) + 1
    new = first == day
    acquired = _per_day(first[new] - origin, count[new], days)
    repeated = _per_day(day[~new] - origin, count[~new], days)
    holdout_day = int((np.datetime64(start) - origin).astype(int))
    found = track(
        forecast.model,
        acquired,
        repeated,
        holdout_day=holdout_day,
        days_per_period=run.days_per_period,
    )
    zero = origin.astype("datetime64[D]").astype(date)
    columns = {
        "week_start": [zero + timedelta(days=int(d)) for d in found.day],
        "actual_purchases": found.actual,
        "predicted_purchases": found.predicted,
        "cumulative_actual": found.cumulative_actual,
        "cumulative_predicted": found.cumulative_predicted,
        "phase": ["holdout" if later else "calibration" for later in found.holdout],
    }
    return pa.table(columns, schema=arrow_schema("tracking"))


def _per_day(offset: np.ndarray, count: np.ndarray, days: int) -> FloatArray:
    index = offset.astype("timedelta64[D]").astype(np.intp)
    return np.bincount(index, weights=count.astype(np.float64), minlength=days)
