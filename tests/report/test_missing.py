"""Whatever is missing, empty or extreme, there is a page."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from kizuna.report import render
from report import results

NO_MODEL = (
    "residual_clv",
    "mean_residual_clv",
    "mean_p_alive",
    "p_alive",
    "expected_purchases",
    "residual_clv_low",
    "residual_clv_high",
    "mean_spend",
)


def emptied(table: pa.Table, *columns: str) -> pa.Table:
    """The table with nothing in these columns."""
    rows = [row | {name: None for name in columns if name in row} for row in table.to_pylist()]
    return pa.Table.from_pylist(rows, schema=table.schema)


@pytest.mark.parametrize("key", sorted(results.summary()))
def test_any_key_of_the_summary_may_be_missing(key: str) -> None:
    summary = {name: value for name, value in results.summary().items() if name != key}
    assert "</html>" in render(summary, results.tables(), lang="ja")


@pytest.mark.parametrize("name", sorted(results.tables()))
def test_any_table_may_be_missing_or_empty(name: str) -> None:
    tables = results.tables()
    empty = tables | {name: tables[name].slice(0, 0)}
    del tables[name]
    assert "</html>" in render(results.summary(), tables)
    assert "</html>" in render(results.summary(), empty)


@pytest.mark.parametrize("key", sorted(results.holdout()))
def test_any_number_of_the_holdout_may_be_unknown(key: str) -> None:
    summary = results.summary(holdout=results.holdout() | {key: None})
    assert "</html>" in render(summary, results.tables())


def test_without_a_model_segments_and_customers_are_still_listed() -> None:
    tables = {name: emptied(table, *NO_MODEL) for name, table in results.tables().items()}
    page = render(results.summary(model=None, customer_equity=None), tables)
    assert ">Champions</th>" in page
    assert "18004-A" in page


@pytest.mark.parametrize("value", [0.0, -5.0, 1e15, math.nan, math.inf])
def test_odd_values_are_written_all_the_same(value: float) -> None:
    equity = {"value": value, "low": value, "high": value}
    assert "</html>" in render(results.summary(customer_equity=equity), results.tables())


@pytest.mark.parametrize("value", [0.0, -5.0, 1e15])
def test_odd_amounts_are_drawn_all_the_same(value: float) -> None:
    table = results.ltv_by_cohort()
    column = pa.array([value] * len(table))
    odd = table.set_column(3, "cumulative_value_per_customer", column)
    assert "</html>" in render(results.summary(), results.tables() | {"ltv_by_cohort": odd})


@pytest.mark.parametrize("share", [1e-4, 5.0])
def test_extreme_parameters_are_told_all_the_same(share: float) -> None:
    parameters = {"r": share, "alpha": 1e4, "s": share, "beta": 1e-3}
    model = results.model("pareto_nbd") | {"parameters": parameters}
    assert "</html>" in render(results.summary(model=model, correction=None), results.tables())


def test_nothing_at_all_is_a_page_too() -> None:
    assert "not yet known" in render({}, {})
