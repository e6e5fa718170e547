"""The door: keys, origins, paths, sizes, rates and CloudEvents, without a socket."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from event_server import basic
from kizuna.web.capture.ingest.bodies import BATCH_BYTES, MESSAGE_BYTES
from kizuna.web.capture.ingest.door import CALLS, Ask, Door, RefusedError, refused
from kizuna.web.capture.ingest.keyring import Keyring, Known, digest
from kizuna.web.capture.ingest.limits import Limits

NOW = datetime(2026, 5, 4, tzinfo=UTC)
SERVER = Known(1, False, frozenset(), 100)
PAGES = Known(2, True, frozenset({"https://shop.example"}), 100)
ANY = Known(3, True, frozenset(), 100)


class SomeKeys:
    """Keys in memory, which may be away."""

    def __init__(self) -> None:
        self.away = False
        self.known = {digest(t): k for t, k in (("s", SERVER), ("p", PAGES), ("a", ANY))}
        self.noted = set[int]()

    def read(self) -> Mapping[bytes, Known]:
        if self.away:
            raise OSError("away")
        return dict(self.known)

    def note(self, used: set[int]) -> None:
        self.noted |= used


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys() -> SomeKeys:
    return SomeKeys()


@pytest.fixture
def door(keys: SomeKeys, clock: Clock, tmp_path: Path) -> Iterator[Door]:
    keyring, limits = Keyring(keys, clock), Limits(tmp_path)
    keyring.refresh()
    yield Door(keyring, limits, lambda: NOW, clock)
    limits.close()


def ask(path: str, body: bytes = b"{}", key: str = "s", **headers: str) -> Ask:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Ask("POST", path, ({"authorization": basic(key)} if key else {}) | named, body)


def status(door: Door, asked: Ask) -> int:
    try:
        door.admit(asked)
    except RefusedError as error:
        return error.status
    return 200


@pytest.mark.parametrize("path", sorted(CALLS))
def test_each_call_is_kept_under_its_full_name(door: Door, path: str) -> None:
    assert door.admit(ask(path)) == (NOW, 1, CALLS[path], b"{}")


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import", "/v1/b"])
def test_batches_are_kept(door: Door, path: str) -> None:
    body = b'{"batch": [{}, {}]}'
    assert door.admit(ask(path, body)) == (NOW, 1, path, body)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (ask("/v1/track", key="nobody"), 401),
        (ask("/v1/track", key=""), 401),
        (ask("/v1/track", b'{"writeKey": 5}', key=""), 401),
        (ask("/v1/track", b'{"writeKey": "s"}', key=""), 200),
        (ask("/v1/track", b'{"writeKey": "s"}', key="nobody"), 401),
        (ask("/v1/track", key="", authorization="Bearer s"), 200),
        (ask("/v1/track", key="", authorization="Basic s"), 401),
        (ask("/v1/track", key="", authorization="Basic /w=="), 401),
        (ask("/v1/track", key="p", origin="https://shop.example"), 200),
        (ask("/v1/track", key="p", origin="https://evil.example"), 403),
        (ask("/v1/track", key="p", origin="null"), 403),
        (ask("/v1/track", key="a", origin="https://else.example"), 200),
        (ask("/v1/track", key="s", origin="https://shop.example"), 403),
        (ask("/v1/import", b'{"batch": []}', key="p"), 403),
        (ask("/v1/unknown"), 404),
        (ask("/v1/track", b"nothing"), 400),
        (ask("/v1/track", b'{"a": "' + b"x" * MESSAGE_BYTES + b'"}'), 413),
        (ask("/v1/batch", b'{"batch": ["' + b"x" * BATCH_BYTES + b'"]}'), 413),
        (ask("/v1/batch", b'{"batch": ["' + b"x" * MESSAGE_BYTES + b'"]}'), 200),
        (ask("/v1/track", b"{}", content_encoding="br"), 415),
        (ask("/v1/track", gzip.compress(b"{}"), content_encoding="GZIP"), 200),
    ],
)
def test_each_is_let_in_or_told_why_not(door: Door, asked: Ask, wanted: int) -> None:
    assert status(door, asked) == wanted


def test_other_methods_are_refused(door: Door) -> None:
    assert status(door, ask("/v1/track")._replace(method="PUT")) == 405


def test_a_refusal_is_json_and_says_what_to_do() -> None:
    for code in (401, 405, 429, 503):
        answer = refused(RefusedError(code, wait=7 if code in (429, 503) else 0))
        assert json.loads(answer.body)["status"] == code
        assert {401: "WWW-Authenticate", 405: "Allow"}.get(code, "Retry-After") in dict(
            answer.headers
        )


def test_a_page_may_read_the_answer_only_where_a_key_names_it(door: Door, keys: SomeKeys) -> None:
    del keys.known[digest("a")]
    door.keyring.refresh(0)
    for origin, opened in (("https://shop.example", True), ("https://evil.example", False)):
        answer = door.preflight(ask("/v1/b", origin=origin))
        assert ("Access-Control-Allow-Origin" in dict(answer.headers)) is opened


def test_keys_in_memory_stay_in_use_while_the_database_is_away(
    door: Door, keys: SomeKeys, clock: Clock
) -> None:
    keys.away = True
    clock.now += 100
    door.keyring.refresh()
    assert status(door, ask("/v1/track")) == 200


def test_a_revoked_key_opens_nothing_a_second_later(
    door: Door, keys: SomeKeys, clock: Clock
) -> None:
    assert status(door, ask("/v1/track")) == 200
    keys.known.clear()
    clock.now += 1.1
    door.keyring.refresh()
    assert status(door, ask("/v1/track")) == 401
    assert keys.noted == {1}


EVENT = {"id": "1", "source": "/shop", "specversion": "1.0", "type": "order.placed"}


def test_cloud_events_are_taken_in_all_three_modes(door: Door) -> None:
    one, many = json.dumps(EVENT).encode(), json.dumps([EVENT, EVENT]).encode()
    structured = ask("/v1/cloudevents", one, content_type="application/cloudevents+json")
    batched = ask("/v1/cloudevents", many, content_type="application/cloudevents-batch+json; x=y")
    assert [door.admit(a).body for a in (structured, batched)] == [one, many]
    told = {f"ce-{name}": value for name, value in EVENT.items()} | {"ce-subject": "Euro %E2%82%AC"}
    kept = door.admit(
        ask("/v1/cloudevents", b'{"total": 12}', content_type="application/json", **told)
    )
    wanted = EVENT | {"subject": "Euro €", "datacontenttype": "application/json"}
    assert json.loads(kept.body) == wanted | {"data": {"total": 12}}
    raw = door.admit(ask("/v1/cloudevents", b"\xff\x00", content_type="image/png", **told))
    assert base64.b64decode(json.loads(raw.body)["data_base64"]) == b"\xff\x00"


def test_a_cloud_event_without_what_the_specification_wants_is_hopeless(door: Door) -> None:
    for body, headers in (
        (b"{}", {"content_type": "application/json"}),
        (b"{}", {"content_type": "application/cloudevents-batch+json"}),
        (b"[]", {"content_type": "application/cloudevents+json"}),
        (b"{", {f"ce-{name}": value for name, value in EVENT.items()}),
        (b"a]", {f"ce-{name}": value for name, value in EVENT.items()}),
    ):
        assert status(door, ask("/v1/cloudevents", body, **headers)) == 400
