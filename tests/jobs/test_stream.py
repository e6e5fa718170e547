"""Orders by events are orders like those of files; what was received stands beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from drain_room import Drain, track
from kizuna.jobs import received, resolution, stream
from kizuna.jobs.load import alone, batches
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.tables import arrow_schema


@pytest.fixture
def room(tmp_path: Path) -> Drain:
    return Drain(tmp_path)


def order(name: str, order_id: str, revenue: float, **more: Any) -> dict[str, Any]:
    said = {"order_id": order_id, "revenue": revenue, "currency": "USD"}
    return track(name, **({"event": "Order Completed", "properties": said} | more))


def refund(name: str, order_id: str, total: float) -> dict[str, Any]:
    said = {"order_id": order_id, "total": total, "currency": "USD"}
    return track(name, event="Order Refunded", properties=said)


def booked(room: Drain, timezone: str = "UTC") -> list[tuple[str, str, int]]:
    room.run()
    stream.book(room.store, timezone=timezone)
    rows = room.rows("transactions")
    return sorted((r["order_id"], str(r["ordered_on"]), r["amount"]) for r in rows)


def test_orders_and_returns_by_events_become_transactions(room: Drain) -> None:
    room.send(order("1", "A", 25.5), refund("2", "A", 10))
    assert booked(room) == [("A", "2026-11-21", 2550), ("A/2", "2026-11-21", -1000)]
    assert stream.book(room.store, timezone="UTC") == 0
    assert batches(room.store) == ()


def test_an_order_that_is_told_again_on_another_day_is_one_order(room: Drain) -> None:
    room.send(order("1", "A", 25, timestamp="2026-11-20T23:59:00Z"))
    booked(room)
    room.send(order("2", "A", 20), order("3", "A", 30))
    assert booked(room) == [("A", "2026-11-20", 3000)]


def test_the_day_of_an_order_is_cut_in_the_organisations_zone(room: Drain) -> None:
    room.send(order("1", "A", 1, timestamp="2026-11-20T15:30:00Z"))
    assert booked(room, "Asia/Tokyo") == [("A", "2026-11-21", 100)]


def test_while_an_import_runs_orders_wait(room: Drain) -> None:
    room.send(order("1", "A", 1))
    room.run()
    with alone(room.store, 0), pytest.raises(InputError):
        stream.book(room.store, timezone="UTC")
    assert stream.book(room.store, timezone="UTC") == 1


def imported(room: Drain, name: str, *rows: dict[str, Any]) -> None:
    schema = arrow_schema(name)
    empty = dict.fromkeys(schema.names)
    room.store.write(name, pa.Table.from_pylist([empty | row for row in rows], schema=schema))


def table(room: Drain, name: str) -> list[dict[str, Any]]:
    with Engine(threads=1) as engine:
        received.register(engine, room.store, name)
        found: list[dict[str, Any]] = engine.table(name, order_by=("customer_id",)).to_pylist()
        return found


def test_received_customers_stand_beside_imported_ones_and_fill_their_blanks(room: Drain) -> None:
    imported(room, "customers", {"customer_id": "u1", "name": "Imported"})
    traits = {"name": "Received", "email": "u1@example.com"}
    room.send(
        {"type": "identify", "userId": "u1", "messageId": "1", "traits": traits},
        {
            "type": "identify",
            "userId": "u1",
            "messageId": "2",
            "traits": {"phone": "+815012345678"},
        },
        {"type": "group", "userId": "u2", "groupId": "g", "messageId": "3"},
        track("4", userId=None, anonymousId="a"),
    )
    room.run()
    rows = {row["customer_id"]: row for row in table(room, "customers")}
    assert set(rows) == {"u1", "u2", "g"}
    said = rows["u1"]
    assert (said["name"], said["email"], said["phone"]) == (
        "Imported",
        "u1@example.com",
        "+815012345678",
    )
    assert (rows["u2"]["parent_id"], rows["g"]["kind"]) == ("g", "company")


def test_received_events_stand_beside_imported_ones_under_the_customer_of_now(room: Drain) -> None:
    imported(room, "events", {"event_id": "e", "customer_id": "u1", "name": "Imported"})
    room.send(track("1", userId=None, anonymousId="a"), {"type": "identify", "userId": "u1"})
    room.run()
    resolution.write_map(room.store, {"anon:a": "u1"})
    rows = table(room, "events")
    assert {(row["customer_id"], row["name"]) for row in rows} == {
        ("u1", "Imported"),
        ("u1", "Seen"),
    }


def test_without_anything_received_tables_are_as_they_were_imported(room: Drain) -> None:
    imported(room, "customers", {"customer_id": "u1", "name": "Imported"})
    assert [row["name"] for row in table(room, "customers")] == ["Imported"]
    assert received.names(room.store) == {"customers"}
