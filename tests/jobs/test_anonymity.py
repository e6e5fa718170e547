"""Whoever is made anonymous is named nowhere, and her orders count as before."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from kizuna.jobs import load
from kizuna.jobs.anonymity import detach
from kizuna.jobs.erasure import erase, returned, subject
from kizuna.jobs.load import OrderFile
from kizuna.pipeline.store import Store

TODAY, NOON = date(2026, 11, 21), datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDERS = """customer_id,order_id,date,amount
c-hana-1,order-771,2026-01-01 09:31:07,10
c-hana-1,order-772,2026-02-01 10:00:00,5
c-hana-1,order-772,2026-02-01 10:00:00,3
B,order-773,2026-01-02,7
"""


def filled(home: Path, text: str = ORDERS, batch: str = "one") -> Store:
    store = Store(home / "store")
    (home / "orders.csv").write_text(text)
    file = OrderFile(path=home / "orders.csv", name="orders.csv")
    load.load(store, file, batch=batch, at=NOON, today=TODAY)
    (home / "orders.csv").unlink()
    return store


def statistics(store: Store) -> list[tuple[object, ...]]:
    rows = store.read("transactions").to_pylist()
    return sorted((row["ordered_on"], row["purchased_on"], row["amount"]) for row in rows)


def anonymised(store: Store) -> None:
    who = subject(store, ["c-hana-1"])
    assert sum(one.redacted for one in detach(store, who)) == 4
    erase(store, who, at=NOON)


def test_orders_count_as_before_under_one_key_of_nobody(tmp_path: Path) -> None:
    store = filled(tmp_path)
    before = statistics(store)
    anonymised(store)
    assert statistics(store) == before
    keys = set(store.read("transactions")["customer_id"].to_pylist())
    assert len(keys) == 2
    assert load.make_transactions(store) == 0
    assert statistics(store) == before


def test_neither_key_nor_order_number_nor_time_of_day_leads_back(tmp_path: Path) -> None:
    store = filled(tmp_path)
    anonymised(store)
    for name in ("order_log", "transactions"):
        said = repr(store.read(name).to_pydict())
        for trace in ("c-hana-1", "order-771", "order-772", "9, 31"):
            assert trace not in said
        assert "order-773" in said
    for path in (p for p in (tmp_path / "store").rglob("*") if p.is_file()):
        assert b"c-hana-1" not in path.read_bytes()


def test_two_who_are_made_anonymous_share_nothing(tmp_path: Path) -> None:
    store = filled(tmp_path)
    for key in ("c-hana-1", "B"):
        detach(store, subject(store, [key]))
    assert len(set(store.read("transactions")["customer_id"].to_pylist())) == 2


def test_the_same_file_does_not_bring_her_back(tmp_path: Path) -> None:
    store = filled(tmp_path)
    anonymised(store)
    before = statistics(store)
    filled(tmp_path, batch="two")
    assert statistics(store) == before
    assert returned(store) == []
