"""The page of the write keys, and the door behind the application's own port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from event_server import basic
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.capture.inbox import Entry, InboxError, inbox_at
from kizuna.web.capture.ingest import api, services
from kizuna.web.capture.ingest.models import Kind, WriteKey

pytestmark = pytest.mark.django_db

SAID = {"name": "Shop", "kind": "browser", "origins": "https://Shop.example:443/", "per_second": 50}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder with an inbox of the test's own."""
    settings.KIZUNA_HOME = tmp_path
    inbox = inbox_at(tmp_path / "inbox.sqlite3")
    api._door.cache_clear()
    monkeypatch.setattr(api, "_inbox", lambda: inbox)
    yield tmp_path
    inbox.close()
    api._door().limits.close()
    api._door.cache_clear()


@pytest.fixture
def owner(client_of: Any, aiko: Person) -> Client:
    client: Client = client_of(aiko)
    return client


@pytest.fixture
def text(aiko: Person) -> str:
    return services.make_key(actor=aiko, name="shop", kind=Kind.SERVER)[1]


def kept(home: Path) -> list[Entry]:
    inbox = inbox_at(home / "inbox.sqlite3")
    found = inbox.claim(1, 100)
    inbox.close()
    return found


def send(client: Client, path: str, body: bytes, key: str = "", **more: str) -> Any:
    headers = {"Authorization": basic(key)} if key else {}
    return client.post(path, body, content_type="application/json", headers=headers | more)


def test_a_key_is_shown_once_and_kept_as_a_digest(owner: Client) -> None:
    page = owner.post("/write-keys/", SAID).content.decode()
    key = WriteKey.objects.get()
    assert key.start.startswith("kwb_")
    assert page.count(key.start) == 2
    assert owner.get("/write-keys/").content.decode().count(key.start) == 1
    assert key.origins == ["https://shop.example"]
    assert AuditEntry.objects.get(action="capture.write_key.made").target == str(key)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origins": "shop.example"},
        {"origins": "https://shop.example/path"},
        {"origins": "https://shop.example:99999"},
        {"origins": "javascript:alert(1)"},
        {"kind": "server"},
        {"per_second": "0"},
        {"name": ""},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(owner: Client, wrong: dict[str, str]) -> None:
    assert owner.post("/write-keys/", SAID | wrong).status_code == 422
    assert not WriteKey.objects.exists()


def test_the_database_refuses_a_key_of_a_server_with_pages(aiko: Person) -> None:
    made, _text = services.make_key(actor=aiko, name="a", kind=Kind.SERVER)
    made.origins = ["https://shop.example"]
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save()


def test_a_revoked_key_is_gone_from_the_page_and_on_the_record(owner: Client, text: str) -> None:
    key = WriteKey.objects.get()
    assert owner.post(f"/write-keys/{key.pk}/revoke").status_code == 302
    assert owner.post("/write-keys/999/revoke").status_code == 404
    assert key.start not in owner.get("/write-keys/").content.decode()
    assert AuditEntry.objects.filter(action="capture.write_key.revoked").count() == 1
    assert send(Client(), "/v1/track", b"{}", text).status_code == 401


def test_a_member_makes_no_keys(client_of: Any, ben: Person) -> None:
    assert client_of(ben).post("/write-keys/", SAID).status_code == 403


def test_the_page_asks_little_however_many_keys_there_are(owner: Client, aiko: Person) -> None:
    owner.get("/write-keys/")
    counts = []
    for _some in range(2):
        for _key in range(5):
            services.make_key(actor=aiko, name="a", kind=Kind.SERVER)
        with CaptureQueriesContext(connection) as asked:
            owner.get("/write-keys/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_the_port_of_the_application_takes_events_too(home: Path, text: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert send(client, "/v1/track", b'{"userId": "u1"}', text).json() == {"success": True}
    assert send(client, "/v1/b", b'{"batch": [{}]}', text).status_code == 200
    assert [(e.path, e.body) for e in kept(home)] == [
        ("/v1/track", b'{"userId": "u1"}'),
        ("/v1/b", b'{"batch": [{}]}'),
    ]


def test_it_refuses_as_the_other_port_does(text: str) -> None:
    for path, body, key, status in (
        ("/v1/track", b"{}", "nobody", 401),
        ("/v1/track", b"[", text, 400),
        ("/v1/track", b"{" + b" " * 40_000 + b"}", text, 413),
        ("/v1/nothing", b"{}", text, 404),
    ):
        assert send(Client(), path, body, key).status_code == status
    assert Client().get("/v1/track").status_code == 405


def test_a_page_asks_before_it_sends(aiko: Person) -> None:
    services.make_key(actor=aiko, name="p", kind=Kind.BROWSER, origins=["https://shop.example"])
    answer = Client().options("/v1/b", headers={"Origin": "https://shop.example"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    answer = Client().options("/v1/b", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_inbox_that_cannot_keep_says_when_to_come_again(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def append(self, entries: object) -> None:
            raise InboxError("disk full")

    monkeypatch.setattr(api, "_inbox", Full)
    answer = send(Client(), "/v1/track", b"{}", text)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
