"""A refresh from the store gives what `kizuna value` gives from the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from command import shop_log
from data_sets import data_file, requires_data
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.refresh import RefreshResult, refresh, targets
from kizuna.jobs.resolution import write_map
from kizuna.jobs.value import ValueResult, value
from kizuna.pipeline.capture.orders import OrderSources, read_orders
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema, check

TODAY = date(2026, 11, 21)
READING = {"rows_read", "columns_guessed", "options", "warnings"}
"""Keys of the summary that speak of files."""


def stored(source: OrderSources, folder: Path) -> Store:
    """Put a log's orders into a store."""
    store = Store(folder)
    with Engine(threads=2) as engine:
        read_orders(engine, source, today=TODAY)
        store.write("transactions", engine.table("transactions"))
    return store


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, RefreshResult, ValueResult]:
    """Refresh a small shop, and value it from its file."""
    folder = tmp_path_factory.mktemp("shop")
    options = ValueOptions(orders=(str(shop_log(folder / "log.csv")),))
    store = stored(options.source, folder / "store")
    return store, refresh(store), value(options, today=TODAY)


def test_a_refresh_gives_the_numbers_of_the_value_job(shop):
    _, refreshed, valued = shop
    for key in valued.material.keys() - READING:
        assert refreshed.material[key] == valued.material[key], key


def test_every_table_is_written_as_its_contract_says(shop):
    store, refreshed, _ = shop
    assert set(targets()) <= refreshed.versions.keys()
    for name, version in refreshed.versions.items():
        check(name, store.read(name, version))


def test_the_facts_in_the_store_are_those_of_the_whole_history(shop):
    store, refreshed, valued = shop
    facts = store.read("customer_facts", refreshed.versions["customer_facts"])
    assert facts.num_rows == valued.material["customers"]
    equity = sum(facts["residual_clv"].to_pylist()) / 100
    assert equity == pytest.approx(valued.material["customer_equity"]["value"], rel=1e-6)


def test_the_trace_says_what_each_step_read_and_wrote(shop):
    _, refreshed, _ = shop
    steps = {step.step: step for step in refreshed.steps}
    assert steps["purchase_days"].reads == ("transactions",)
    assert steps["customer_facts"].version == refreshed.versions["customer_facts"] == 0
    assert refreshed.read == {"transactions": 0}


def test_a_second_refresh_leaves_the_first_readable(tmp_path):
    log = shop_log(tmp_path / "log.csv", customers=60)
    store = stored(OrderSources(paths=(str(log),)), tmp_path / "store")
    first = refresh(store)
    before = store.read("customer_facts", first.versions["customer_facts"])
    fewer = store.read("transactions").filter(pa.compute.less(_days(store), date(2024, 9, 1)))
    store.write("transactions", fewer)
    second = refresh(store)
    assert second.versions["customer_facts"] == first.versions["customer_facts"] + 1
    assert second.material["as_of"] < first.material["as_of"]
    again = store.read("customer_facts", first.versions["customer_facts"])
    assert again.sort_by("customer_id") == before.sort_by("customer_id")


def _days(store: Store) -> pa.ChunkedArray:
    return store.read("transactions")["ordered_on"]


def test_too_few_customers_for_a_model_are_refreshed_all_the_same(tmp_path):
    log = shop_log(tmp_path / "log.csv", customers=10)
    store = stored(OrderSources(paths=(str(log),)), tmp_path / "store")
    refreshed = refresh(store)
    assert refreshed.material["model"] is None
    assert set(targets()) <= refreshed.versions.keys()
    assert "tracking" not in refreshed.versions


def test_a_store_without_orders_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(InputError, match="import some first"):
        refresh(Store(tmp_path))


def test_mixed_currencies_are_refused(tmp_path):
    log = shop_log(tmp_path / "log.csv", customers=10)
    store = stored(OrderSources(paths=(str(log),)), tmp_path / "store")
    orders = store.read("transactions")
    yen = pa.array(["JPY"] * orders.num_rows)
    store.append("transactions", orders.set_column(5, "currency", yen))
    with pytest.raises(InputError, match="more than one currency"):
        refresh(store)


@requires_data
def test_cdnow_refreshed_is_cdnow_valued(tmp_path):
    sample = str(data_file("cdnow/cdnow_sample.parquet"))
    options = ValueOptions(orders=(sample,), customer="sample_id", period="week")
    store = stored(options.source, tmp_path)
    refreshed = refresh(store, ValueOptions(orders=(), period="week"))
    valued = value(options, today=TODAY)
    for key in valued.material.keys() - READING:
        assert refreshed.material[key] == valued.material[key], key


def test_a_refresh_knows_customers_by_name_and_says_what_it_read(shop, tmp_path):
    _, refreshed, valued = shop
    store = stored(ValueOptions(orders=(str(shop_log(tmp_path / "log.csv")),)).source, tmp_path)
    one = store.read("transactions")["customer_id"][0].as_py()
    named = [{"customer_id": one, "name": "Ada"}, {"customer_id": "nobody", "name": "Bo"}]
    schema = arrow_schema("customers")
    version = store.write("customers", pa.Table.from_pylist(named, schema=schema))
    again = refresh(store)
    assert again.read["customers"] == version
    facts = {row["customer_id"]: row for row in store.read("customer_facts").to_pylist()}
    assert (facts[one]["name"], facts["nobody"]["orders"]) == ("Ada", None)
    assert again.material["customers"] == refreshed.material["customers"]
    assert again.material["customer_equity"] == valued.material["customer_equity"]


def test_two_keys_of_one_customer_are_valued_as_one_and_apart_again_without_a_trace(tmp_path):
    store = stored(
        OrderSources(paths=(str(shop_log(tmp_path / "log.csv", customers=60)),)), tmp_path
    )
    apart = refresh(store)
    before = store.read("customer_facts", apart.versions["customer_facts"])
    one, other = before["customer_id"].to_pylist()[:2]
    write_map(store, {other: one})
    joined = refresh(store)
    facts = store.read("customer_facts", joined.versions["customer_facts"])
    assert facts.num_rows == before.num_rows - 1
    assert _orders_of(facts, one) == _orders_of(before, one) + _orders_of(before, other)
    assert joined.read == {"transactions": 0, "identity_map": 0}
    write_map(store, {})
    undone = refresh(store)
    assert store.read("customer_facts", undone.versions["customer_facts"]).equals(before)


def _orders_of(facts, customer_id):
    return facts.filter(pa.compute.equal(facts["customer_id"], customer_id))["orders"][0].as_py()
