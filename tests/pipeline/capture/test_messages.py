"""Messages become rows, or are refused with a code; one that is refused spoils no other."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.pipeline.capture.messages.bodies import Body, parts, rejected
from kizuna.pipeline.capture.messages.codes import CODES
from kizuna.pipeline.capture.messages.reading import read
from kizuna.pipeline.capture.messages.rows import Refused, Reject, Rows

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TRACK: dict[str, Any] = {"type": "track", "userId": "u1", "event": "Signed In", "messageId": "m"}


def body(content: Any, path: str = "/v1/batch") -> Body:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Body(name="7", received_at=NOW, key_id="1", path=path, content=raw)


def taken(content: Any, path: str = "/v1/batch", currency: str | None = None) -> list[Any]:
    """Give the rows of each message, or its reject."""
    found: list[Rows | Reject] = []
    whole = body(content, path)
    for part in parts(whole):
        try:
            found.append(read(whole, part, lambda: currency))
        except Refused as why:
            found.append(rejected(whole, part, why))
    return found


def one(content: Any, path: str = "/v1/track", currency: str | None = None) -> Any:
    [found] = taken(content, path, currency)
    return found


def test_a_call_says_by_its_path_what_it_is() -> None:
    found = one({"userId": "u1", "event": "Signed In"})
    assert (found.event.kind, found.event.name, found.event.customer_key) == (
        "track",
        "Signed In",
        "u1",
    )
    assert found.event.message_id == "7"


def test_who_is_not_known_is_kept_by_the_anonymous_id() -> None:
    found = one({"anonymousId": "a1", "userId": None, "name": "Home"}, "/v1/page")
    assert found.event.customer_key == "anon:a1"
    assert found.links == []


def test_a_message_with_both_ids_links_them() -> None:
    [link] = one({**TRACK, "anonymousId": "a1"}).links
    assert (link.kind, link.from_key, link.to_key) == ("anonymous", "anon:a1", "u1")


def test_alias_and_group_link_too() -> None:
    [alias] = one({"userId": "u1", "previousId": "old"}, "/v1/alias").links
    [member] = one({"userId": "u1", "groupId": "g1"}, "/v1/group").links
    assert (alias.kind, alias.from_key, alias.to_key) == ("alias", "old", "u1")
    assert (member.kind, member.from_key, member.to_key) == ("member", "u1", "g1")


def test_a_time_that_is_given_is_kept_and_one_without_is_put_right() -> None:
    given = (NOW - timedelta(hours=1)).isoformat()
    assert one({**TRACK, "timestamp": given}).event.happened_at == NOW - timedelta(hours=1)
    wrong = {"originalTimestamp": "2020-01-01T00:00:00Z", "sentAt": "2020-01-01T00:00:10Z"}
    assert one({**TRACK, **wrong}).event.happened_at == NOW - timedelta(seconds=10)
    assert one(TRACK).event.happened_at == NOW


def test_a_clock_that_is_ahead_is_put_right_by_when_it_sent() -> None:
    ahead = {"timestamp": "2030-01-01T00:00:00Z", "sentAt": "2030-01-01T00:00:05Z"}
    assert one({**TRACK, **ahead}).event.happened_at == NOW - timedelta(seconds=5)
    assert one({**TRACK, "timestamp": "2030-01-01T00:00:00Z"}).code == "time_in_future"


def test_the_time_of_sending_may_stand_on_the_batch() -> None:
    message = {**TRACK, "originalTimestamp": "2020-01-01T00:00:00Z"}
    [found] = taken({"batch": [message], "sentAt": "2020-01-01T00:01:00Z"})
    assert found.event.happened_at == NOW - timedelta(minutes=1)


def test_what_is_long_ago_or_imported_is_marked() -> None:
    old = {**TRACK, "timestamp": "2025-01-01T00:00:00Z"}
    assert one(old).event.backdated
    assert not one(TRACK).event.backdated
    assert taken({"batch": [TRACK]}, "/v1/import")[0].event.backdated


def test_one_bad_message_spoils_no_other() -> None:
    batch = [TRACK, {**TRACK, "event": None}, 5, {**TRACK, "messageId": "n"}]
    found = taken({"batch": batch})
    assert [getattr(f, "code", "ok") for f in found] == ["ok", "no_event", "not_object", "ok"]


def test_neither_nan_nor_broken_utf8_spoils_the_batch() -> None:
    good = json.dumps(TRACK).encode()
    nan = b'{"type": "track", "userId": "u", "event": "e", "properties": {"x": NaN}}'
    broken = b'{"type": "track", "userId": "\xff", "event": "e"}'
    lone = b'{"type": "track", "userId": "\\ud800", "event": "e"}'
    found = taken(b'{"batch": [' + b",".join([good, nan, broken, lone]) + b"]}")
    codes = [getattr(f, "code", "ok") for f in found]
    assert codes == ["ok", "not_json", "not_utf8", "not_json"]
    assert found[2].is_base64


def test_the_context_of_the_batch_is_that_of_its_messages() -> None:
    [found] = taken({"batch": [TRACK], "context": {"ip": "192.0.2.1"}})
    assert json.loads(found.event.context) == {"ip": "192.0.2.1"}


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"type": "shout"}, "unknown_type"),
    ({"type": None}, "unknown_type"),
    ({"type": ["track"]}, "unknown_type"),
    ({"userId": None}, "no_customer"),
    ({"userId": {"id": 1}}, "bad_text"),
    ({"userId": True}, "bad_text"),
    ({"userId": "a\0b"}, "bad_text"),
    ({"userId": "x" * 201}, "too_long"),
    ({"event": ""}, "no_event"),
    ({"event": []}, "bad_text"),
    ({"event": "x" * 300}, "too_long"),
    ({"messageId": "x" * 101}, "too_long"),
    ({"properties": "none"}, "not_object"),
    ({"context": [1]}, "not_object"),
    ({"timestamp": "yesterday"}, "bad_time"),
    ({"timestamp": 2**31}, "bad_time"),
    ({"timestamp": "0001-01-01T00:00:00+14:00"}, "bad_time"),
    ({"timestamp": "9999-12-31T23:59:59Z"}, "time_in_future"),
    ({"type": "group"}, "no_group"),
    ({"type": "alias"}, "no_previous"),
    ({"event": "Order Completed"}, "no_order_id"),
    ({"event": "Order Completed", "properties": {"order_id": "1", "revenue": 5}}, "no_currency"),
    ({"event": "Order Completed", "properties": {"order_id": "1", "currency": "USD"}}, "no_amount"),
    (
        {
            "event": "Order Completed",
            "properties": {"order_id": "1", "currency": "USD", "revenue": "a lot"},
        },
        "bad_amount",
    ),
    (
        {
            "event": "Order Completed",
            "properties": {"order_id": "1", "currency": "gold", "revenue": 1},
        },
        "bad_currency",
    ),
]


@pytest.mark.parametrize(("change", "code"), MALFORMED, ids=lambda v: str(v)[:40])
def test_what_cannot_be_used_is_refused_with_its_reason(change: dict[str, Any], code: str) -> None:
    found = one({**TRACK, **change}, "/v1/batch/one")
    assert found.code == code in CODES
    assert json.loads(found.body) == {**TRACK, **change}


def test_an_order_in_another_currency_than_the_others_is_refused() -> None:
    order = {**TRACK, "event": "Order Completed"}
    dollars = {**order, "properties": {"order_id": "1", "currency": "USD", "revenue": 5}}
    assert one(dollars, currency="JPY").code == "other_currency"


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ({"revenue": 25.5, "total": 30, "tax": 3}, 2550),
        ({"subtotal": "22.50", "total": 30}, 2250),
        ({"total": 30, "shipping": 3, "tax": 2}, 2500),
        ({"products": [{"price": 10, "quantity": 2}, {"price": 1.5}]}, 2150),
    ],
)
def test_the_amount_of_an_order_is_what_was_sold(said: dict[str, Any], amount: int) -> None:
    order = {**TRACK, "event": "Order Completed"}
    found = one({**order, "properties": {"order_id": 1, "currency": "usd", **said}})
    assert (found.order.amount, found.order.currency, found.order.order_id) == (amount, "USD", "1")


def test_what_goes_back_is_below_zero_and_has_a_number_of_its_own() -> None:
    said = {"order_id": "1", "currency": "JPY", "total": 500}
    found = one({**TRACK, "event": "Order Refunded", "properties": said})
    assert (found.order.amount, found.order.order_id) == (-500, "1/m")


def test_what_became_of_an_order_tells_an_amount_or_that_it_is_cancelled() -> None:
    updated = {**TRACK, "event": "Order Updated"}
    found = one({**updated, "properties": {"order_id": "1", "currency": "JPY", "total": 500}})
    assert (found.order, found.change.word, found.change.amount) == (None, "updated", 500)
    assert one({**updated, "properties": {"order_id": "1", "status": "packed"}}).change is None
    cancelled = {**TRACK, "event": "Order Cancelled", "properties": {"order_id": "1"}}
    assert one(cancelled).change[5:] == ("cancelled", None, None)


def test_reserved_traits_say_who_a_customer_is() -> None:
    said = {
        "firstName": "太郎",
        "lastName": "山田",
        "email": "Taro@Example.JP",
        "phone": "+81 3-1234-5678",
        "address": {"state": "東京都", "country": "JP"},
        "createdAt": "2024-01-02T03:04:05Z",
    }
    [found] = one({"userId": "u1", "traits": said}, "/v1/identify").traits
    assert (found.name, found.email, found.phone) == (
        "山田 太郎",
        "taro@example.jp",
        "+81312345678",
    )
    assert (found.region, str(found.acquired_on)) == ("東京都", "2024-01-02")
    [group] = one({"userId": "u1", "groupId": "g", "traits": {"name": "Acme"}}, "/v1/group").traits
    assert (group.customer_key, group.kind, group.name) == ("g", "company", "Acme")


def test_a_cloud_event_is_named_by_its_source_and_id() -> None:
    said = {
        "specversion": "1.0",
        "id": "9",
        "source": "/shop",
        "type": "order.seen",
        "subject": "u1",
        "time": "2026-11-21T11:00:00Z",
        "data": {"x": 1},
    }
    found = one(said, "/v1/cloudevents")
    assert (found.event.message_id, found.event.name) == ("/shop#9", "order.seen")
    assert found.event.happened_at == NOW - timedelta(hours=1)
    assert [f.event.name for f in taken([said, {**said, "id": "10"}], "/v1/cloudevents")] == [
        "order.seen"
    ] * 2


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["type", "userId", "event", "timestamp", "sentAt", "properties", "context"])


@given(st.lists(st.dictionaries(NAMES, VALUES) | VALUES, max_size=6))
def test_whatever_is_sent_each_message_is_rows_or_a_reject(batch: list[Any]) -> None:
    assert len(taken({"batch": batch})) == len(batch)


@given(st.binary(max_size=200))
def test_a_body_of_any_bytes_is_one_reject_or_more(content: bytes) -> None:
    found = taken(content)
    assert all(isinstance(f, Reject) and f.body is not None for f in found)


def test_deep_and_huge_messages_are_refused_as_such() -> None:
    deep = b'{"type":"track","userId":"u","event":"e","properties":' + b'{"a":' * 5000 + b"1"
    assert one(deep + b"}" * 5001).code == "too_deep"
    huge = {**TRACK, "properties": {"x": "y" * 1_000_000}}
    assert one(huge).code == "too_large"
