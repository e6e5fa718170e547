"""Whoever was erased is let in by no file and no message; it is counted, and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from drain_room import Drain, track
from kizuna.jobs import door, load, records
from kizuna.jobs.drain import CONTACTS
from kizuna.jobs.load import OrderFile
from kizuna.jobs.records import RecordFile
from kizuna.jobs.tombstones import Tombstones
from kizuna.pipeline.capture.contacts import Contact, body_of
from kizuna.pipeline.capture.contacts import contact as read_contact
from kizuna.pipeline.store import Store
from kizuna.web.capture.inbox import Arrival

TODAY, NOON = date(2026, 11, 21), datetime(2026, 11, 21, 12, tzinfo=UTC)
MAIL = "hana@example.jp"
ORDERS = "customer_id,order_id,date,amount\nH,1,2026-01-01,10\nH,1,2026-01-01,5\nB,2,2026-01-02,7\n"
PEOPLE = f"id,name,email\n1,Hana,{MAIL}\n2,Bo,bo@example.jp\nH,Hana,\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    Tombstones(tmp_path).add(["H", MAIL, "anonymous-h"], NOON)
    return Store(tmp_path / "store")


def loaded_orders(store: Store) -> load.Loaded:
    path = store.folder.parent / "orders.csv"
    path.write_text(ORDERS)
    file = OrderFile(path=path, name="orders.csv")
    return load.load(store, file, batch="one", at=NOON, today=TODAY)


def loaded_people(store: Store) -> records.Loaded:
    home = store.folder.parent
    (home / "people.csv").write_text(PEOPLE)
    file = RecordFile(path=home / "people.csv", name="people.csv", table="customers")
    return records.load(
        store, file, batch="one", at=NOON, today=TODAY, rejected_to=home / "rejected.parquet"
    )


def test_orders_of_the_erased_are_left_out_and_counted(store: Store) -> None:
    found = loaded_orders(store)
    assert (found.new, found.rejected) == (1, {"erased": 2})
    assert store.read("transactions")["customer_id"].to_pylist() == ["B"]


def test_records_are_left_out_by_key_and_by_address_and_none_of_their_words_is_kept(
    store: Store,
) -> None:
    found = loaded_people(store)
    assert (found.new, found.rejected) == (1, {"erased": 2})
    assert store.read("customers")["customer_id"].to_pylist() == ["2"]
    kept = pq.read_table(store.folder.parent / "rejected.parquet").to_pylist()
    assert [(row["reason"], row["raw"]) for row in kept] == [("erased", "")] * 2


def test_messages_of_the_erased_are_left_out_and_counted(tmp_path: Path, store: Store) -> None:
    room = Drain(tmp_path)
    room.send(
        track("1", user="H"),
        track("2", user="u2"),
        {"type": "identify", "userId": "u3", "messageId": "3", "traits": {"email": MAIL}},
        {"type": "track", "anonymousId": "anonymous-h", "event": "Seen", "messageId": "4"},
        {"type": "alias", "userId": "u5", "previousId": "H", "messageId": "5"},
        track("6", user="u6", context={"groupId": "H"}),
    )
    [batch] = room.run()
    assert (batch.account.accepted, batch.account.rejected) == (2, 4)
    assert room.accepted().keys() == {"2", "6"}
    assert {row["group_id"] for row in room.rows("received_events")} == {None}
    rejects = room.rows("received_rejects")
    assert [(row["code"], row["body"]) for row in rejects] == [("erased", None)] * 4
    room.close()


def contact(name: str, key: str) -> Contact:
    said = {"interaction_id": name, "customer_id": key, "channel": "phone", "text": "hello"}
    return read_contact(said | {"happened_at": NOON.isoformat()}, source="desk", received_at=NOON)


def contacts_drained(tmp_path: Path) -> Drain:
    room = Drain(tmp_path)
    body = body_of([contact("1", "H"), contact("2", "B")])
    room.inbox.append([Arrival(NOON, 1, CONTACTS, body)])
    room.run()
    room.close()
    return room


def test_contacts_with_the_erased_are_left_out_and_counted(tmp_path: Path, store: Store) -> None:
    room = contacts_drained(tmp_path)
    assert [row["customer_key"] for row in room.rows("received_interactions")] == ["B"]
    [reject] = room.rows("received_rejects")
    assert (reject["code"], reject["body"]) == ("erased", None)


def test_the_test_of_contacts_bites_where_all_are_let_in(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "of_contacts", lambda store, number, found: (found, []))
    keys = {row["customer_key"] for row in contacts_drained(tmp_path).rows("received_interactions")}
    assert "H" in keys


@pytest.mark.parametrize("way", [loaded_orders, loaded_people])
def test_the_test_bites_where_nobody_stands_at_the_door(
    store: Store, way: Callable[[Store], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "of_orders", lambda engine, store, counts: counts)
    monkeypatch.setattr(door, "of_records", lambda engine, store: None)
    way(store)
    assert "erased" not in repr(way(store))
