"""What the chosen models expect of each customer: life, purchases, spend, value, with intervals."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray, Purchases, Spend
from kizuna.clv.intervals import PredictiveIntervals, predictive_intervals
from kizuna.clv.paced import Paced
from kizuna.clv.value import ResidualValue, continuous_discount, residual_clv
from kizuna.pipeline.know.clv_model import fit_of, pace_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

DAYS_PER_YEAR = 365.25


def clv_scores(clv_inputs: pa.Table, clv_model: pa.Table, *, run: Run) -> pa.Table:
    """Score every customer; empty where the history did not suffice for a model."""
    models = {row["role"]: row for row in clv_model.to_pylist()}
    if models.keys() < {"purchases", "spend"}:
        return _unknown(clv_inputs)
    purchase, spend = model_of(models["purchases"]), fit_of(models["spend"]).model
    terms = terms_of(run)
    data = data_of(clv_inputs, run)
    value = residual_clv(purchase, spend, *data, **terms)
    bounds = predictive_intervals(purchase, spend, *data, **terms, threads=2)
    return _table(clv_inputs, value, bounds, run)


def model_of(row: dict[str, Any]) -> Any:
    """Rebuild a purchase model, on its clock, from its row of `clv_model`."""
    model, pace = fit_of(row).model, pace_of(row)
    return model if pace.steady else Paced(model, pace)


class Terms(TypedDict):
    """What value is counted on: periods ahead, continuous discount per period, margin."""

    horizon: float
    discount: float
    margin: float


def terms_of(run: Run) -> Terms:
    """Horizon in periods, discount per period, and margin of a run."""
    per_year = DAYS_PER_YEAR / run.days_per_period
    discount = continuous_discount(run.discount, periods_per_year=per_year)
    return {"horizon": run.horizon, "discount": discount, "margin": run.margin}


def data_of(inputs: pa.Table, run: Run) -> tuple[Purchases, Spend]:
    """Turn `clv_inputs` into the data of the models; money in units of the currency."""
    x, t_x, age = (_column(inputs, name) for name in ("frequency", "recency", "age"))
    mean = np.maximum(np.nan_to_num(_column(inputs, "mean_spend")), 0.0) / run.minor_units
    return Purchases(x, t_x, age), Spend(x, mean)


def _table(
    inputs: pa.Table, value: ResidualValue, bounds: PredictiveIntervals, run: Run
) -> pa.Table:
    columns = {
        "customer_id": inputs["customer_id"],
        "p_alive": value.p_alive,
        "expected_purchases": value.expected_purchases,
        "expected_purchases_low": bounds.expected_purchases_low,
        "expected_purchases_high": bounds.expected_purchases_high,
        "expected_spend": value.expected_spend * run.minor_units,
        "residual_clv": value.clv * run.minor_units,
        "residual_clv_low": bounds.residual_clv_low * run.minor_units,
        "residual_clv_high": bounds.residual_clv_high * run.minor_units,
    }
    return pa.table(columns, schema=arrow_schema("clv_scores"))


def _unknown(inputs: pa.Table) -> pa.Table:
    schema = arrow_schema("clv_scores")
    empty = {f.name: pa.nulls(inputs.num_rows, f.type) for f in schema}
    return pa.table(empty | {"customer_id": inputs["customer_id"]}, schema=schema)


def _column(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].to_numpy(), np.float64)
