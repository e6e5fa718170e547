"""The models behind the value of customers, fitted to all the history of a run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray, Purchases, Spend
from kizuna.clv.fitting import Fit
from kizuna.clv.models import PURCHASE_MODELS, GammaGamma
from kizuna.clv.pace import Pace, RepeatAges, estimate_pace
from kizuna.clv.value import fit_spend, is_plain_mean
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

MODEL_TYPES: dict[str, Any] = dict(
    zip(("bg_nbd", "mbg_nbd", "pareto_nbd"), PURCHASE_MODELS, strict=True)
)
CALENDAR = Pace()


def clv_model(
    purchase_patterns: pa.Table,
    spend_patterns: pa.Table,
    cohort_days: pa.Table,
    clv_choice: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Fit the chosen purchase model and the spend model; no row where none was chosen.

    Money in the parameters is in units of the currency, time in periods of the run.
    """
    data = purchases_of(purchase_patterns)
    ages = repeat_ages(cohort_days, run)
    choices = clv_choice.to_pylist()
    rows = [row for choice in choices for row in _purchase_rows(data, ages, choice)]
    if rows and spend_patterns.num_rows:
        rows.append(_spend_row(spend_patterns, run))
    return pa.Table.from_pylist(rows, schema=arrow_schema("clv_model"))


def purchases_of(patterns: pa.Table) -> Purchases:
    """Turn `purchase_patterns` into the data of a purchase model."""
    columns = (_column(patterns, name) for name in ("frequency", "recency", "age", "customers"))
    return Purchases(*columns)


def spend_of(patterns: pa.Table, run: Run) -> Spend:
    """Turn `spend_patterns` into the data of a spend model, in units of the currency."""
    mean = np.maximum(_column(patterns, "mean_spend"), 0.0) / run.minor_units
    return Spend(_column(patterns, "orders"), mean, _column(patterns, "customers"))


def repeat_ages(cohort_days: pa.Table, run: Run) -> RepeatAges:
    """Count repeat purchases by the customer's age, up to the last day observed."""
    first, day = (cohort_days[name].to_numpy() for name in ("first_purchase", "day"))
    age = (day - first).astype("timedelta64[D]").astype(np.intp)
    seen = day <= np.datetime64(run.as_of)
    counts = np.bincount(age[seen], weights=_column(cohort_days, "purchases")[seen], minlength=2)
    return RepeatAges.by_day(counts, days_per_period=run.days_per_period)


def fit_row(name: str, role: str, fit: Fit[Any], pace: Pace = CALENDAR) -> dict[str, Any]:
    """Write a fit as a row of `clv_model`."""
    return {
        "role": role,
        "name": name,
        "parameters": json.dumps(fit.parameters),
        "covariance": json.dumps(fit.covariance.tolist()),
        "log_likelihood": fit.log_likelihood,
        "customers": round(fit.n),
        "converged": fit.converged,
        "at_bound": ", ".join(fit.at_bound),
        "pace_lift": pace.lift,
        "pace_fade": pace.fade,
    }


def _purchase_rows(
    data: Purchases, ages: RepeatAges, choice: dict[str, Any]
) -> list[dict[str, Any]]:
    """Fit on the calendar and, where a pace was chosen, on the clock that suits it best."""
    name, model_type = choice["model"], MODEL_TYPES[choice["model"]]
    plain = model_type.fit(data)
    rows = [fit_row(name, "calendar", plain), fit_row(name, "purchases", plain)]
    if choice["paced"]:
        pace = estimate_pace(data, ages, model_type.fit).pace
        fit = model_type.fit(pace.purchases(data), start=plain.model)
        fit = replace(fit, log_likelihood=fit.log_likelihood + ages.log_pace(pace))
        rows[1] = fit_row(name, "purchases", fit, pace)
    return rows


def fit_of(row: dict[str, Any]) -> Fit[Any]:
    """Rebuild a fit from its row of `clv_model`; the model is on its own clock."""
    model_type = GammaGamma if row["role"] == "spend" else MODEL_TYPES[row["name"]]
    return Fit(
        model_type(**json.loads(row["parameters"])),
        row["log_likelihood"],
        np.array(json.loads(row["covariance"])),
        row["converged"],
        float(row["customers"]),
        tuple(filter(None, row["at_bound"].split(", "))),
    )


def pace_of(row: dict[str, Any]) -> Pace:
    """Read the clock of a model from its row of `clv_model`."""
    return Pace(row["pace_lift"], row["pace_fade"])


def _spend_row(patterns: pa.Table, run: Run) -> dict[str, Any]:
    fit = fit_spend(spend_of(patterns, run))
    name = "plain_mean" if is_plain_mean(fit.model) else "gamma_gamma"
    return fit_row(name, "spend", fit)


def _column(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].to_numpy(), np.float64)
