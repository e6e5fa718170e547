"""The drain brings what the inbox holds into the tables exactly once; nothing gets lost."""

from __future__ import annotations

import base64
import json
import os
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drain_room import NOW, Drain, spoiled, track
from kizuna.jobs import drain as job
from kizuna.jobs.drain_log import tally
from kizuna.pipeline.contracts import check
from kizuna.pipeline.tables import TABLES
from kizuna.web.capture.inbox import Arrival

SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"
MESSAGES = 1_000_000 if SOAK else 10_000


@pytest.fixture
def room(tmp_path: Path) -> Drain:
    return Drain(tmp_path)


def test_messages_become_rows_of_the_tables_that_their_contracts_promise(room: Drain) -> None:
    order = {"order_id": "7", "revenue": 25, "currency": "USD"}
    room.send(
        track("1", anonymousId="a1"),
        {"type": "identify", "userId": "u1", "messageId": "2", "traits": {"email": "a@b.example"}},
        track("3", event="Order Completed", properties=order),
        {"type": "group", "userId": "u1", "groupId": "g", "messageId": "4"},
        "not a message",
    )
    [batch] = room.run()
    counts = (batch.account.accepted, batch.account.rejected, batch.account.duplicates)
    assert counts == (4, 1, 0)
    assert (batch.users, batch.orders) == ({"u1"}, 1)
    for name in ("events", "traits", "links", "orders", "rejects"):
        check(TABLES[f"received_{name}"], room.store.read(f"received_{name}"))
    assert room.inbox.depth() == 0


def test_of_messages_with_one_name_the_first_received_stays_for_ever(room: Drain) -> None:
    room.send(track("1", event="First"), track("1", event="Second"))
    room.run()
    room.send(track("1", event="Third"))
    [batch] = room.run()
    assert batch.account.duplicates == 1
    assert [row["name"] for row in room.rows("received_events")] == ["First"]


def test_a_message_without_a_name_has_one_of_its_own(room: Drain) -> None:
    room.send({**track("1"), "messageId": None}, {**track("1"), "messageId": None})
    room.send({**track("1"), "messageId": None})
    room.run()
    assert len(room.accepted()) == 3


def test_the_memory_is_made_again_from_the_tables_where_it_is_gone(room: Drain) -> None:
    room.send(track("1"))
    room.run()
    room.close()
    for file in room.folder.glob("drain.sqlite3*"):
        file.unlink()
    again = Drain(room.folder)
    again.send(track("1"), track("2"))
    again.run()
    assert again.accepted() == {"1": 1, "2": 1}


def test_what_a_restored_backup_does_not_have_may_come_again(room: Drain) -> None:
    room.send(track("1"))
    room.run()
    room.close()
    (room.folder / "store").rename(room.folder / "later")
    again = Drain(room.folder)
    again.send(track("1"))
    again.run()
    assert again.accepted() == {"1": 1}


POINTS = [*(f"received_{name}" for name in ("traits", "links", "orders", "rejects", "events")), ""]


def died_at(room: Drain, point: str, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    """Drain, and raise before or after a table is written; '' is before the batch is settled."""
    store, write = type(room.store), type(room.store).append_once

    def dying(self: Any, name: str, *given: Any, **said: Any) -> bool:
        if name == point and not after:
            raise KeyboardInterrupt
        done = write(self, name, *given, **said)
        if name == point:
            raise KeyboardInterrupt
        return bool(done)

    def no_settle(number: int) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "append_once", dying)
        if not point:
            patch.setattr(room.inbox, "settle", no_settle)
        with pytest.raises(KeyboardInterrupt):
            room.run()
    room.close()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("point", POINTS)
def test_a_drain_that_died_anywhere_is_finished_by_the_next(
    room: Drain, point: str, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = {"order_id": "7", "revenue": 25, "currency": "USD"}
    messages: list[Any] = [track(str(n), event="Order Completed", properties=order) for n in "123"]
    messages += [{"type": "identify", "userId": "u", "anonymousId": "a", "messageId": "9"}, 5]
    room.send(*messages)
    died_at(room, point, monkeypatch, after)
    again = Drain(room.folder)
    again.run()
    assert again.accepted() == {"1": 1, "2": 1, "3": 1, "9": 1}
    sizes = [len(again.rows(f"received_{n}")) for n in ("traits", "links", "orders", "rejects")]
    assert sizes == [1, 1, 3, 1]
    assert again.inbox.depth() == 0


def test_the_rounds_find_a_drain_that_does_not_look_whether_a_table_has_the_batch(
    room: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(room.store), "batch_of", lambda self, name, writer: 0)
    room.send({"type": "identify", "userId": "u", "messageId": "1"}, 5)
    died_at(room, "received_rejects", monkeypatch, after=True)
    again = Drain(room.folder)
    assert [len(again.rows(f"received_{n}")) for n in ("traits", "rejects")] == [2, 2]


def test_only_one_drains_at_a_time(room: Drain) -> None:
    with job.draining(room.store) as first, job.draining(room.store) as second:
        assert (first, second) == (True, False)
    with job.draining(room.store) as third:
        assert third


def test_accepted_and_rejected_are_all_that_was_sent_and_all_can_be_tried_again(
    room: Drain,
) -> None:
    chance, sent, bad = Random(4), 0, 0
    while sent < MESSAGES:
        batch = [track(f"m{sent + n}", f"u{chance.randrange(300)}") for n in range(250)]
        said = [spoiled(m, chance) if chance.random() < 0.05 else m for m in batch]
        bad += sum(a is not b for a, b in zip(said, batch, strict=True))
        sent += len(batch)
        room.send(*said)
    batches = room.run()
    accepted = sum(batch.account.accepted for batch in batches)
    rejected = sum(batch.account.rejected for batch in batches)
    assert (accepted + rejected, rejected) == (sent, bad)
    assert len(room.accepted()) == accepted
    kept = room.rows("received_rejects")
    assert len(kept) == rejected
    assert all(reject["body"] is not None for reject in kept)
    corrected(room, kept)
    assert len(room.accepted()) == sent


def corrected(room: Drain, rejects: list[dict[str, Any]]) -> None:
    """Send every reject again as it should have been."""
    room.inbox.append(
        [
            Arrival(
                NOW,
                1,
                f"/v1/batch?replay={reject['reject_id']}",
                json.dumps(track(f"again-{n}")).encode(),
            )
            for n, reject in enumerate(rejects)
        ]
    )
    room.run()
    tried = [r["reject_id"] for r in room.rows("received_rejects") if r["state"] == "replayed"]
    assert sorted(tried) == sorted(reject["reject_id"] for reject in rejects)


def test_a_reject_that_is_tried_again_as_it_was_is_taken_once(room: Drain) -> None:
    room.inbox.append([Arrival(NOW, 1, "/v1/track", b'{"userId": "u", "event": "\xff"}')])
    room.run()
    [reject] = room.rows("received_rejects")
    assert base64.b64decode(reject["body"]) == b'{"userId": "u", "event": "\xff"}'
    good = Arrival(NOW, 1, f"/v1/track?replay={reject['reject_id']}", b'{"userId":"u","event":"e"}')
    room.inbox.append([good, good])
    [batch] = room.run()
    assert (batch.account.accepted, batch.account.duplicates) == (1, 1)
    [event] = room.rows("received_events")
    assert event["message_id"] == reject["reject_id"]


def test_the_tally_says_what_came_and_how_long_the_slowest_waited(room: Drain) -> None:
    room.send(track("1"), track("1"), 5, at=NOW)
    room.run()
    found = tally(room.folder / "drain.sqlite3", NOW - timedelta(days=1))
    assert (found.accepted, found.rejected, found.duplicates) == (1, 1, 1)
    assert found.slowest is not None
    assert tally(room.folder / "nothing", NOW).last_at is None


def test_the_first_currency_is_that_of_all_orders(room: Drain) -> None:
    dollars = {"order_id": "1", "revenue": 5, "currency": "USD"}
    for name, properties in (
        ("1", dollars),
        ("2", {"order_id": "2", "revenue": 5}),
        ("3", {**dollars, "currency": "JPY"}),
    ):
        room.send(track(name, event="Order Completed", properties=properties))
        room.run()
    assert [r["code"] for r in room.rows("received_rejects")] == ["other_currency"]
    assert {r["currency"] for r in room.rows("received_orders")} == {"USD"}
