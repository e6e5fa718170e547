"""Past forecasts: made again without knowing the future, kept as published, held to what came."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from command import shop_log
from kizuna.clv.totals import model_error
from kizuna.jobs.accuracy import again, cut_offs, logged
from kizuna.jobs.cuts import DAYS
from kizuna.jobs.evidence import Evidence
from kizuna.jobs.messages import Message
from kizuna.jobs.refresh import refresh
from kizuna.pipeline.capture.orders import OrderSources, read_orders
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.run import discover, execute, select
from kizuna.pipeline.store import Store

TODAY = date(2026, 11, 21)
EARLIER = 100
"""Days before the end of the log at which it was published first."""


def said(made_on: date, purchases: float) -> dict[str, Any]:
    return {
        "made_on": made_on,
        "horizon_days": 30,
        "model": "bg_nbd",
        "customers": 10,
        "predicted_purchases": purchases,
        "purchases_low": 1.0,
        "purchases_high": 9.0,
    }


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, pa.Table]:
    """Publish a shop as it was some time ago, then as it is."""
    folder = Path(tmp_path_factory.mktemp("shop"))
    log, store = shop_log(folder / "log.csv"), Store(folder / "store")
    with Engine(threads=2) as engine:
        read_orders(engine, OrderSources(paths=(str(log),)), today=TODAY, currency="USD")
        orders = engine.table("transactions")
    last = pc.max(orders["ordered_on"]).as_py()
    known = pc.less_equal(orders["ordered_on"], last - timedelta(days=EARLIER))
    for part in (orders.filter(known), orders):
        store.write("transactions", part)
        refresh(store)
    return store, orders


def told(store: Store, source: str) -> list[dict[str, Any]]:
    rows = store.read("past_forecasts").to_pylist()
    return [row for row in rows if row["source"] == source]


def test_what_was_published_is_held_to_what_came(twice: tuple[Store, pa.Table]) -> None:
    store, orders = twice
    found = {row["horizon_days"]: row for row in told(store, "published")}
    assert found.keys() == {30, 90}
    day = found[90]["made_on"]
    assert found[90]["actual_purchases"] == _bought(orders, day, 90)


def _bought(orders: pa.Table, day: date, days: int) -> int:
    rows = [r for r in orders.to_pylist() if r["amount"] >= 0]
    known = {r["customer_id"] for r in rows if r["ordered_on"] <= day}
    until = day + timedelta(days=days)
    later = {
        (r["customer_id"], r["ordered_on"])
        for r in rows
        if r["customer_id"] in known and day < r["ordered_on"] <= until
    }
    return len(later)


def test_forecasts_made_again_follow_one_another(twice: tuple[Store, pa.Table]) -> None:
    rows = sorted(told(twice[0], "again"), key=lambda row: row["made_on"])
    assert len(rows) >= 2
    gaps = {(b["made_on"] - a["made_on"]).days for a, b in pairwise(rows)}
    assert gaps == {rows[0]["horizon_days"]}


def test_a_forecast_made_again_knows_nothing_later(twice: tuple[Store, pa.Table]) -> None:
    orders = twice[1]
    first = made_again(orders)[0]
    until = first["made_on"] + timedelta(days=first["horizon_days"])
    days = orders["ordered_on"]
    same = made_again(pa.concat_tables([orders, copied(orders, pc.greater(days, until))]))[0]
    assert same == first
    known = copied(orders, pc.less_equal(days, first["made_on"]))
    other = made_again(pa.concat_tables([orders, known]))[0]
    assert other["predicted_purchases"] > 1.5 * first["predicted_purchases"]


def copied(orders: pa.Table, which: pa.ChunkedArray) -> pa.Table:
    """Give some orders once more, to customers of other names."""
    part = orders.filter(which)
    names = [f"{name} again" for name in part["customer_id"].to_pylist()]
    return part.set_column(0, "customer_id", pa.array(names))


def made_again(orders: pa.Table) -> list[dict[str, Any]]:
    """Make past forecasts of a log by one kind of model."""
    days = orders["ordered_on"]
    run = Run(as_of=pc.max(days).as_py())
    evidence = Evidence("bg_nbd", False, Message(""), model_error(()))
    with Engine(threads=2) as engine:
        engine.register("transactions", orders)
        execute(select(discover("know"), *DAYS), engine, run)
        return again(engine, run, evidence, pc.min(days).as_py())


def test_orders_changed_since_make_a_forecast_past_comparing(
    twice: tuple[Store, pa.Table], tmp_path: Path
) -> None:
    store, orders = twice
    other = Store(tmp_path)
    other.write("forecast_log", store.read("forecast_log"))
    kept = pc.not_equal(orders["customer_id"], orders["customer_id"][0].as_py())
    other.write("transactions", orders.filter(kept))
    refresh(other)
    assert told(other, "published") == []


def test_what_was_said_first_is_kept() -> None:
    day = date(2024, 1, 31)
    first = logged(None, [said(day, 5.0)])
    again = logged(first, [said(day, 7.0), said(date(2024, 2, 29), 6.0)])
    assert again["predicted_purchases"].to_pylist() == [5.0, 6.0]


def test_cut_offs_leave_a_past_and_do_not_overlap() -> None:
    horizon, days = cut_offs(date(2024, 1, 1), date(2024, 12, 31))
    assert (horizon, len(days)) == (60, 5)
    assert days[-1] == date(2024, 12, 31) - timedelta(days=horizon)
    assert cut_offs(date(2024, 1, 1), date(2024, 1, 20))[1] == []
