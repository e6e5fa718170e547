"""The tables that scenarios are made of agree with the scores and totals of the same run."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from kizuna.clv.what_if import Levers, outcome
from kizuna.jobs.refresh import OPTIONS
from kizuna.jobs.scenarios import known_of
from kizuna.pipeline.know.clv_rivals import clv_rivals
from kizuna.pipeline.know.what_if import DRAWS, LOSSES, what_if
from kizuna.pipeline.know.what_if_months import what_if_months
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from published_shop import refreshed_shop

MADE = ("clv_inputs", "spend", "clv_model", "clv_rivals")


@cache
def published() -> tuple[dict[str, pa.Table], Any, Run]:
    """Tables, summary and values of the run of the small shop."""
    folder, found = refreshed_shop()
    store, names = Store(folder / "store"), (*MADE, "what_if", "what_if_months", "clv_scores")
    tables = {name: store.read(name, found.versions[name]) for name in names}
    return tables, found.material, the_run(found.material)


def the_run(summary: Any) -> Run:
    as_of = date.fromisoformat(summary["as_of"])
    return Run(as_of=as_of, currency="USD", discount=OPTIONS.discount, seed=OPTIONS.seed)


def rows(name: str, **where: float) -> list[dict[str, Any]]:
    found = published()[0][name].to_pylist()
    return [row for row in found if all(row[k] == v for k, v in where.items())]


def test_today_is_the_published_total_to_the_unit() -> None:
    tables, summary, _run = published()
    known = known_of(summary, tables)
    assert known is not None
    found = outcome(known, Levers())
    assert found.equity.after.value == summary["customer_equity"]["value"]
    assert found.equity.after.high == summary["customer_equity"]["high"]
    assert found.purchases.after.low == summary["expected_purchases"]["low"]


def test_the_estimate_now_is_one() -> None:
    (now,) = rows("what_if", draw=0, loss=1.0)
    assert (now["equity"], now["purchases"]) == (1.0, 1.0)


def test_every_draw_and_rival_is_told_for_every_loss() -> None:
    rivals = published()[0]["clv_rivals"].num_rows
    assert rivals == 2
    assert len(rows("what_if")) == len(LOSSES) * (1 + DRAWS + rivals)
    assert len(rows("what_if_months")) == 36 * len(LOSSES) * (1 + DRAWS + rivals)


def test_draws_lie_about_the_estimate() -> None:
    (estimate,) = rows("what_if", draw=0, loss=0.8)
    drawn = [r["equity"] for r in rows("what_if", loss=0.8) if 1 <= r["draw"] <= DRAWS]
    assert min(drawn) < estimate["equity"] < max(drawn)


def test_orders_and_first_orders_are_means_in_minor_units() -> None:
    (now,) = rows("what_if", draw=0, loss=1.0)
    spend = published()[0]["spend"]
    first = spend["historical_value"].to_numpy() - spend["total"].to_numpy()
    assert now["first_order"] == pytest.approx(first.mean())
    assert now["order_value"] == pytest.approx(np.nanmean(spend["mean_spend"].to_numpy()), rel=0.2)


def test_a_run_gives_the_same_tables_again() -> None:
    tables, _summary, run = published()
    again = what_if(*(tables[n] for n in MADE), run=run)
    assert again.equals(tables["what_if"])
    months = what_if_months(tables["clv_model"], tables["clv_rivals"], run=run)
    assert months.equals(tables["what_if_months"])


def test_without_a_model_there_is_no_row() -> None:
    tables, _summary, run = published()
    nothing = arrow_schema("clv_model").empty_table()
    rivals = clv_rivals(tables["clv_inputs"], nothing, run=run)
    assert rivals.num_rows == 0
    assert what_if(tables["clv_inputs"], tables["spend"], nothing, rivals, run=run).num_rows == 0
    assert what_if_months(nothing, rivals, run=run).num_rows == 0


def test_without_a_model_nothing_is_known() -> None:
    tables, summary, _run = published()
    empty = {name: tables[name].slice(0, 0) for name in tables}
    assert known_of(summary, empty) is None
