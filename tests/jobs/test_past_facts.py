"""Facts of some customers are those that everybody's tell, however customers are known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from drain_room import NOW, Drain, track
from kizuna.jobs import received
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.past_facts import facts_as_of
from kizuna.jobs.resolution import write_map
from kizuna.pipeline.store import Store
from tiny_tables import table, transactions

OPTIONS, TODAY = ValueOptions(orders=(), timezone="Asia/Tokyo"), NOW.date()
SEEN = (NOW - timedelta(hours=2)).isoformat()
EVERYBODY = ("shop", "head", "branch", "member", "team", "old", "u1", "stranger")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Customers by orders, a list and events, as members of an account, and under a former key."""
    room = Drain(tmp_path_factory.mktemp("room"))
    listed = [
        {"customer_id": "head", "name": "Acme", "kind": "company"},
        {"customer_id": "branch", "name": "Acme Osaka", "kind": "company", "parent_id": "head"},
        {"customer_id": "shop", "name": "Kim", "acquired_on": date(2025, 3, 1)},
    ]
    room.store.write("customers", table("customers", listed))
    days = [str(TODAY - timedelta(days=back)) for back in (400, 90, 20)]
    room.store.write("transactions", transactions(*[("shop", day, 900) for day in days]))
    room.send(
        *[track(f"{who} 1", who, timestamp=SEEN) for who in ("shop", "branch", "old", "u1")],
        track("m1", "member", timestamp=SEEN),
        {"type": "group", "userId": "member", "groupId": "team", "messageId": "g1"},
        {"type": "identify", "userId": "branch", "traits": {"createdAt": SEEN}, "messageId": "i1"},
        {"type": "identify", "userId": "u1", "traits": {"name": "Lee"}, "messageId": "i2"},
    )
    room.run()
    write_map(room.store, {"old": "shop"})
    yield room.store
    room.close()


@pytest.fixture(scope="module")
def everybody(store: Store) -> dict[str, dict[str, Any]]:
    """What is told where nobody is left out."""
    found = facts_as_of(store, TODAY, OPTIONS).to_pylist()
    return {row["customer_id"]: row for row in found}


@pytest.mark.parametrize("who", EVERYBODY)
def test_facts_of_one_are_those_among_everybody(
    store: Store, everybody: dict[str, dict[str, Any]], who: str
) -> None:
    found = facts_as_of(store, TODAY, OPTIONS, [who], currency="USD").to_pylist()
    assert found == ([everybody[who]] if who in everybody else [])
    assert everybody.keys() >= {"shop", "branch", "member", "team", "u1"}


@pytest.mark.parametrize("account", ["head", "team"])
def test_what_members_do_counts_for_their_account(store: Store, account: str) -> None:
    [found] = facts_as_of(store, TODAY, OPTIONS, [account]).to_pylist()
    assert found["active_days_28d"] == 1


def test_members_who_are_left_out_are_missed(
    store: Store, everybody: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: keys of those asked for alone, without who belongs to them."""
    monkeypatch.setattr(received, "ASKED", "SELECT key FROM asked_customers")
    assert facts_as_of(store, TODAY, OPTIONS, ["team"]).to_pylist() != [everybody["team"]]
