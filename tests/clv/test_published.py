"""Every number of `published.toml`, to the digits printed there."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data_sets import cdnow_sample_histories
from kizuna import clv
from kizuna.clv.models import ALL_MODELS

PUBLISHED = tomllib.loads(Path(__file__).with_name("published.toml").read_text())


def name(row: dict[str, Any]) -> str:
    return f"{row['model']}.{row.get('method', 'fit')}: {row['source']}"


def data(key: str) -> Any:
    """Build the data set called `key`; skip the test where its file is absent."""
    if key == "cdnow_sample":
        return cdnow_sample_histories().purchases
    if key == "cdnow_sample_spend":
        return cdnow_sample_histories().spend
    columns = {k: v for k, v in PUBLISHED["data"][key].items() if k != "source"}
    if "survivors" in columns:
        return clv.Contracts.from_survivors(columns["survivors"])
    return clv.Purchases(**columns)


def decimals(number: float) -> int:
    return len(repr(number).partition(".")[2])


@cache
def fitted(model: str, key: str) -> Any:
    return getattr(clv, model).fit(data(key))


def predict(row: dict[str, Any]) -> Any:
    kind, parameters = row["model"], row.get("parameters")
    model = getattr(clv, kind)(**parameters) if parameters else fitted(kind, row["fitted"]).model
    arguments = {
        k: v if np.isscalar(v) else np.array(v) for k, v in row.get("arguments", {}).items()
    }
    rows = row.get("rows")
    if rows is None:
        return np.atleast_1d(getattr(model, row["method"])(**arguments))
    table = data(rows) if isinstance(rows, str) else clv.Purchases(**rows)
    key = "spend" if isinstance(table, clv.Spend) else "purchases"
    values = getattr(model, row["method"])(**{key: table}, **arguments)[: row.get("first")]
    return np.atleast_1d(values @ table.weights) if row.get("total") else values


@pytest.mark.parametrize("row", PUBLISHED["fit"], ids=name)
def test_a_fit_gives_the_published_parameters_and_likelihood(row: dict[str, Any]) -> None:
    fit = fitted(row["model"], row["data"])
    assert fit.converged
    assert round(fit.log_likelihood, 2) == row["log_likelihood"]
    for parameter, value in row["parameters"].items():
        assert round(fit.parameters[parameter], decimals(value)) == value


@pytest.mark.parametrize("row", PUBLISHED["prediction"], ids=name)
def test_a_prediction_gives_the_published_numbers(row: dict[str, Any]) -> None:
    error = np.abs(predict(row) - np.array(row["expected"], float))
    assert (error <= 0.5001 * 10.0 ** -row["digits"]).all(), predict(row)


@pytest.mark.parametrize("row", PUBLISHED["prediction"], ids=name)
def test_a_published_number_one_digit_off_is_noticed(row: dict[str, Any]) -> None:
    off = np.array(row["expected"], float) + 1.01 * 10.0 ** -row["digits"]
    assert (np.abs(predict(row) - off) > 0.5001 * 10.0 ** -row["digits"]).all()


@pytest.mark.parametrize("model", ALL_MODELS)
def test_every_model_has_a_published_fit(model: type) -> None:
    assert model.__name__ in {row["model"] for row in PUBLISHED["fit"]}
