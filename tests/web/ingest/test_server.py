"""`kizuna ingest` on a real socket, with the clients that people use."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from segment.analytics.client import Client as Segment

from event_server import SERVER_KEY, EventServer, basic, event_server, make_keys, revoke_newest
from kizuna.web.capture.inbox import Entry, inbox_at

pytestmark = pytest.mark.slow

PAGES = {
    "name": "pages",
    "kind": "browser",
    "origins": ["https://shop.example"],
    "per_second": 100_000,
}
SLOW = {"name": "slow", "kind": "server", "per_second": 1}
EVENT = {"userId": "u1", "event": "Order Completed", "properties": {"total": 12}}


class Place:
    """A server, its keys, and what is in its inbox."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.shop, self.pages, self.slow = make_keys(home, SERVER_KEY, PAGES, SLOW)
        self.server = EventServer(home)
        self.number = 0

    def kept(self) -> list[Entry]:
        """Take out what is in the inbox."""
        inbox = inbox_at(self.home / "inbox.sqlite3")
        self.number += 1
        found = inbox.claim(self.number, 100_000)
        inbox.settle(self.number)
        inbox.close()
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("ingest"))
    with event_server(place.home) as server:
        place.server = server
        yield place


@pytest.fixture
def place(running: Place) -> Place:
    running.kept()
    return running


def test_an_event_that_was_acknowledged_is_in_the_inbox_as_it_came(place: Place) -> None:
    body = json.dumps(EVENT).encode()
    status, headers, said = place.server.post("/v1/track", body, place.shop)
    assert (status, json.loads(said)) == (200, {"success": True})
    assert headers["content-type"] == "application/json"
    assert [(e.path, e.body) for e in place.kept()] == [("/v1/track", body)]


def test_the_client_of_segment_for_python_works_unchanged(place: Place) -> None:
    for zipped in (False, True):
        client = Segment(place.shop, host=place.server.url, gzip=zipped, sync_mode=False)
        client.identify("u1", {"email": "hanako@example.jp", "name": "絆 花子"})
        client.track("u1", "Order Completed", {"total": 12})
        client.group("u1", "acme", {"name": "Acme"})
        client.alias("anon-1", "u1")
        client.shutdown()
    messages = [m for e in place.kept() for m in json.loads(e.body)["batch"]]
    assert [m["type"] for m in messages] == ["identify", "track", "group", "alias"] * 2
    assert messages[0]["traits"]["name"] == "絆 花子"


def test_a_zipped_batch_is_kept_without_its_compression(place: Place) -> None:
    body = json.dumps({"batch": [EVENT] * 3}).encode()
    sent = gzip.compress(body)
    assert place.server.post("/v1/batch", sent, place.shop, Content_Encoding="gzip")[0] == 200
    assert [e.body for e in place.kept()] == [body]


def test_a_zip_bomb_is_refused(place: Place) -> None:
    bomb = gzip.compress(b'{"batch": [' + b" " * 200_000_000, 1)[:500_000]
    assert place.server.post("/v1/batch", bomb, place.shop, Content_Encoding="gzip")[0] == 413


def test_a_page_may_send_where_its_key_names_it(place: Place) -> None:
    body = json.dumps({"writeKey": place.pages, "batch": [EVENT]}).encode()
    for origin, status in (("https://shop.example", 200), ("https://evil.example", 403)):
        code, headers, _said = place.server.post("/v1/b", body, Origin=origin)
        assert code == status
        assert headers.get("access-control-allow-origin") == (origin if status == 200 else None)


def test_more_than_the_rate_is_told_when_to_come_again(place: Place) -> None:
    answers = [place.server.post("/v1/track", b'{"userId": 1}', place.slow) for _ in range(5)]
    assert {status for status, _headers, _said in answers} == {200, 429}
    assert all(int(headers["retry-after"]) >= 1 for s, headers, _ in answers if s == 429)


def test_a_key_made_while_it_runs_opens_at_once_and_a_revoked_one_soon_no_more(
    place: Place,
) -> None:
    [new] = make_keys(place.home, SERVER_KEY)
    assert place.server.post("/v1/track", b"{}", new)[0] == 200
    revoke_newest(place.home)
    time.sleep(2.5)
    assert place.server.post("/v1/track", b"{}", new)[0] == 401


def test_a_body_in_chunks_is_read_and_one_too_large_is_not(place: Place) -> None:
    assert chunked(place, [b'{"userId"', b': "u1"}']) == 200
    assert chunked(place, [b"x" * 20_000] * 3) == 413


def chunked(place: Place, parts: list[bytes]) -> int:
    with socket.create_connection(("127.0.0.1", place.server.port), 20) as line:
        head = f"POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: {basic(place.shop)}\r\n"
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        for part in (*parts, b""):
            line.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        return int(line.recv(1000).split()[1])


def test_told_to_end_it_answers_what_it_has_and_ends_in_good_order(tmp_path: Path) -> None:
    [key] = make_keys(tmp_path, SERVER_KEY)
    with event_server(tmp_path) as server:
        assert server.post("/v1/track", b"{}", key)[0] == 200
        assert server.stop() == 0
    lines = (tmp_path / "log").read_text().splitlines()
    assert [line for line in lines[1:] if not line.startswith("{")] == []
