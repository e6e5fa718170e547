"""Orders by events are orders like those of files; what was received stands beside them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drain_room import NOW, Drain, track
from kizuna.jobs import log_sql as sql
from kizuna.jobs import received, resolution, stream
from kizuna.jobs.load import OrderFile, alone, batches, load, register_log, spilling_engine
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


def changed(name: str, order_id: str, revenue: float | None, **more: Any) -> dict[str, Any]:
    told = {} if revenue is None else {"revenue": revenue}
    event = "Order Cancelled" if revenue is None else "Order Updated"
    return track(name, event=event, properties={"order_id": order_id} | told, **more)


def at(minute: int) -> str:
    return f"2026-11-{10 + minute // 60:02}T12:{minute % 60:02}:00Z"


def test_an_update_changes_the_amount_and_keeps_the_day(room: Drain) -> None:
    room.send(order("1", "A", 25, timestamp="2026-11-10T12:00:00Z"))
    assert booked(room) == [("A", "2026-11-10", 2500)]
    room.send(changed("2", "A", 20))
    assert booked(room) == [("A", "2026-11-10", 2000)]


def test_an_update_without_an_amount_changes_none(room: Drain) -> None:
    room.send(order("1", "A", 25), track("2", event="Order Updated", properties={"order_id": "A"}))
    assert booked(room) == [("A", "2026-11-21", 2500)]
    assert set(room.accepted()) == {"1", "2"}


def test_a_cancelled_order_is_gone_with_what_went_back_of_it(room: Drain) -> None:
    room.send(order("1", "A", 25, timestamp=at(0)), refund("2", "A", 10), order("3", "B", 5))
    booked(room)
    room.send(changed("4", "A", None))
    assert booked(room) == [("B", "2026-11-21", 500)]
    room.send(changed("5", "A", 8, timestamp="2026-11-21T12:30:00Z"))
    assert booked(room) == [
        ("A", "2026-11-10", 800),
        ("A/2", "2026-11-21", -1000),
        ("B", "2026-11-21", 500),
    ]


def test_a_cancellation_may_come_before_its_order(room: Drain) -> None:
    room.send(changed("2", "A", None, timestamp=at(5)))
    assert booked(room) == []
    room.send(order("1", "A", 25, timestamp=at(0)))
    assert booked(room) == []


def test_an_order_of_a_file_is_changed_on_its_own_day(room: Drain, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer,order,date,amount\nu1,A,2026-11-01,25\nu1,B,2026-11-02,7\n")
    columns = {"customer": "customer", "order": "order", "date": "date", "amount": "amount"}
    file = OrderFile(path=path, name="orders.csv", columns=columns, currency="USD")
    load(room.store, file, batch="1", at=NOW, today=NOW.date())
    room.send(changed("1", "A", 20))
    assert booked(room) == [("A", "2026-11-01", 2000), ("B", "2026-11-02", 700)]
    room.send(changed("2", "B", None))
    assert booked(room) == [("A", "2026-11-01", 2000)]


WORDS = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["made", "set", "gone", "back"])),
    min_size=1,
    max_size=9,
)


def said(number: int, order_id: str, word: str) -> dict[str, Any]:
    """A word on an order; each happens a minute after the one before."""
    name, when = str(number), {"timestamp": at(number)}
    if word == "back":
        return refund(name, order_id, 1) | when
    if word == "made":
        return order(name, order_id, 10 + number, **when)
    return changed(name, order_id, 10 + number if word == "set" else None, **when)


def owed(words: list[tuple[str, str]]) -> int:
    """What all orders come to, by reading the words in the order in which they happened."""
    total = 0
    for order_id in "AB":
        own = [(n, word) for n, (of, word) in enumerate(words) if of == order_id]
        amount, back, gone = 0, 0, False
        for number, word in own:
            back += word == "back"
            if word != "back":
                gone = word == "gone"
            if word in {"made", "set"}:
                amount = 10 + number
        total += 0 if gone else 100 * amount - 100 * back
    return total


def come_to(words: list[tuple[str, str]], order: list[int], cuts: list[int]) -> int:
    """What the log comes to when the words arrive in some order, some of them twice, in parts."""
    with TemporaryDirectory() as folder:
        room = Drain(Path(folder))
        messages = [said(number, *words[number]) for number in order]
        for part in range(len(cuts)):
            room.send(*messages[part :: len(cuts)], *messages[: cuts[part]])
            room.run()
            stream.book(room.store, timezone="UTC")
        with spilling_engine() as engine:
            register_log(engine, room.store)
            rows = engine.query(f"SELECT order_id, amount FROM {sql.STANDING}").to_pylist()
        room.close()
    assert len({row["order_id"] for row in rows}) == len(rows)
    return sum(row["amount"] for row in rows)


@st.composite
def arrivals(draw: Any) -> tuple[list[tuple[str, str]], list[int], list[int]]:
    words = draw(WORDS)
    cuts = draw(st.lists(st.integers(0, len(words)), min_size=1, max_size=2))
    return words, draw(st.permutations(range(len(words)))), cuts


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(arrivals())
def test_totals_reconcile_in_whatever_order_words_arrive(found: Any) -> None:
    words, order, cuts = found
    assert come_to(words, order, cuts) == owed(words)


def test_who_lets_the_last_to_arrive_count_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    words, backwards = [("A", "made"), ("A", "set"), ("A", "gone")], [2, 1, 0]
    assert come_to(words, backwards, [0]) == owed(words)
    monkeypatch.setattr(stream, "LATEST", "received_at, told_at DESC, message_id")
    assert come_to(words, backwards, [0]) != owed(words)
