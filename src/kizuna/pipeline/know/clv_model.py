"""The models behind the value of customers, fitted to all the history of a run."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray, Purchases, Spend
from kizuna.clv.fitting import Fit
from kizuna.clv.models import PURCHASE_MODELS
from kizuna.clv.value import fit_spend, is_plain_mean
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

MODEL_TYPES = dict(zip(("bg_nbd", "mbg_nbd", "pareto_nbd"), PURCHASE_MODELS, strict=True))


def clv_model(
    purchase_patterns: pa.Table, spend_patterns: pa.Table, clv_choice: pa.Table, *, run: Run
) -> pa.Table:
    """Fit the chosen purchase model and the spend model; no row where none was chosen.

    Money in the parameters is in units of the currency, time in periods of the run.
    """
    rows = [_purchase_row(purchase_patterns, choice) for choice in clv_choice.to_pylist()]
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


def fit_row(name: str, role: str, fit: Fit[Any], *, pace: float = 1.0) -> dict[str, Any]:
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
        "pace": pace,
    }


def _purchase_row(patterns: pa.Table, choice: dict[str, Any]) -> dict[str, Any]:
    fit = MODEL_TYPES[choice["model"]].fit(purchases_of(patterns))
    return fit_row(choice["model"], "purchases", fit, pace=choice["pace"])


def _spend_row(patterns: pa.Table, run: Run) -> dict[str, Any]:
    fit = fit_spend(spend_of(patterns, run))
    name = "plain_mean" if is_plain_mean(fit.model) else "gamma_gamma"
    return fit_row(name, "spend", fit)


def _column(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].to_numpy(), np.float64)
