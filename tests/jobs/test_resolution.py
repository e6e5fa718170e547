"""A key belongs to a customer while the map says so; nothing is rewritten, so all comes back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.jobs import resolution
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

KEYS = ("a", "b", "c", "d")
EVENTS = arrow_schema("events")
CUSTOMERS = arrow_schema("customers")
TRANSACTIONS = arrow_schema("transactions")


def filled(store: Store) -> Store:
    """Fill a store with four customers, each with an order and an event."""
    customers = [
        {"customer_id": "a", "name": "Hanako", "email": None, "parent_id": "c"},
        {"customer_id": "b", "name": "Hana", "email": "hana@example.com", "parent_id": "a"},
        {"customer_id": "c", "name": None, "phone": "+81312345678"},
        {"customer_id": "d", "name": "Taro", "email": "taro@example.com"},
    ]
    orders = [_order(key, f"o-{key}", at) for at, key in enumerate(KEYS)]
    orders += [_order("a", "same", 7), _order("b", "same", 8)]
    events = [
        {"event_id": f"e-{key}", "customer_id": key, "name": "opened", "happened_at": at}
        for at, key in enumerate(KEYS)
    ]
    store.write("customers", pa.Table.from_pylist(customers, schema=CUSTOMERS))
    store.write("transactions", pa.Table.from_pylist(orders, schema=TRANSACTIONS))
    store.write("events", pa.Table.from_pylist(events, schema=EVENTS))
    return store


def _order(key: str, order_id: str, amount: int) -> dict[str, object]:
    return {
        "customer_id": key,
        "order_id": order_id,
        "ordered_on": date(2026, 1, 1),
        "amount": amount,
        "currency": "JPY",
        "purchased_on": date(2026, 1, 1),
    }


def seen(store: Store) -> dict[str, list[dict[str, object]]]:
    """Give every table as a refresh would see it."""
    with Engine(threads=1) as engine:
        for name in ("customers", "transactions", "events"):
            resolution.register(engine, store, name)
        orders = {
            "customers": ("customer_id",),
            "transactions": ("customer_id", "order_id"),
            "events": ("event_id",),
        }
        return {name: engine.table(name, order_by=by).to_pylist() for name, by in orders.items()}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with four customers."""
    return filled(Store(tmp_path / "store"))


def test_without_a_map_each_key_stands_for_itself(store):
    assert [row["customer_id"] for row in seen(store)["events"]] == list(KEYS)
    assert resolution.raw_ids(store, "a") == ["a"]
    assert resolution.resolved(store, "a") == "a"


def test_a_key_of_the_map_stands_for_its_customer(store):
    resolution.write_map(store, {"b": "a", "c": "a"})
    assert [row["customer_id"] for row in seen(store)["events"]] == ["a", "a", "a", "d"]
    assert resolution.raw_ids(store, "a") == ["a", "b", "c"]
    assert resolution.resolved(store, "c") == "a"


def test_of_several_records_the_customers_own_values_win_and_blanks_are_filled(store):
    resolution.write_map(store, {"b": "a", "c": "a"})
    first, second = seen(store)["customers"]
    assert (first["name"], first["email"]) == ("Hanako", "hana@example.com")
    assert (first["phone"], first["parent_id"]) == ("+81312345678", None)
    assert second["name"] == "Taro"


def test_a_customer_known_by_another_key_alone_has_its_record(store):
    resolution.write_map(store, {"d": "z"})
    assert seen(store)["customers"][-1] | {"custom": None} == {
        **dict.fromkeys(CUSTOMERS.names),
        "customer_id": "z",
        "name": "Taro",
        "email": "taro@example.com",
    }


def test_one_order_under_two_keys_of_a_customer_is_one_order(store):
    resolution.write_map(store, {"b": "a"})
    orders = {(r["customer_id"], r["order_id"]): r["amount"] for r in seen(store)["transactions"]}
    assert orders == {("a", "o-a"): 0, ("a", "o-b"): 1, ("a", "same"): 7} | {
        ("c", "o-c"): 2,
        ("d", "o-d"): 3,
    }


def test_a_map_that_says_the_same_is_not_written_again(store):
    assert resolution.write_map(store, {"b": "a"}) == 0
    assert resolution.write_map(store, {"b": "a"}) is None
    assert resolution.write_map(store, {}) == 1


@settings(max_examples=15)
@given(st.lists(st.dictionaries(st.sampled_from(KEYS[1:]), st.just("a")), min_size=1, max_size=3))
def test_whatever_was_merged_an_empty_map_gives_back_what_was_before(tmp_path_factory, maps):
    store = filled(Store(tmp_path_factory.mktemp("undo") / "store"))
    before = seen(store)
    files = {name: store.files(name) for name in before}
    for customers in maps:
        resolution.write_map(store, customers)
        merged = seen(store)
        assert {row["customer_id"] for row in merged["events"]} == set(KEYS) - set(customers)
    resolution.write_map(store, {})
    assert seen(store) == before
    assert {name: store.files(name) for name in before} == files


def test_an_earlier_state_of_the_map_can_be_read(store):
    first = resolution.write_map(store, {"b": "a"})
    resolution.write_map(store, {})
    with Engine(threads=1) as engine:
        assert resolution.register_map(engine, store, first) == first
        resolution.register(engine, store, "events")
        assert engine.table("events", order_by=("event_id",))["customer_id"][1].as_py() == "a"


def test_a_relation_that_another_made_is_resolved_as_well(store):
    resolution.write_map(store, {"b": "a"})
    with Engine(threads=1) as engine:
        resolution.register_map(engine, store)
        engine.create("union_of_events", "SELECT 'b' AS customer_id, 1 AS n")
        resolution.resolve(engine, "events", "union_of_events")
        assert engine.table("events").to_pylist() == [{"customer_id": "a", "n": 1}]
