"""The pages of the sources of contacts: who may, what is shown, what a form refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kizuna.web.accounts.models import Person
from kizuna.web.capture.interactions.models import Hook, Mailbox

pytestmark = pytest.mark.django_db
AT = "/contact-sources/"
HOOK = {"name": "Desk", "scheme": "standard", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "is_on": "on"}  # fmt: skip
BOX = {"name": "Support", "host": "imap.example.com", "security": "tls", "user": "u",
       "password": "p", "folder": "INBOX", "use": "contacts",
       "addresses": "Help@example.com, help@example.com",
       "since_on": "2026-01-01", "is_on": "on"}  # fmt: skip


@pytest.fixture
def owner(client_of: Any, aiko: Person, settings: Any, tmp_path: Path) -> Client:
    settings.KIZUNA_HOME = tmp_path
    client: Client = client_of(aiko)
    return client


def test_a_webhook_is_added_shown_changed_and_removed(owner: Client) -> None:
    assert "No source of contacts yet" in owner.get(AT).content.decode()
    assert owner.post(f"{AT}hooks/new", HOOK).status_code == 302
    hook = Hook.objects.get()
    page = owner.get(f"{AT}hooks/{hook.pk}").content.decode()
    assert f"/contact-sources/in/{hook.token}" in page
    assert HOOK["secret"] not in page
    changed = {**HOOK, "secret": "", "name": "Help desk"}
    assert owner.post(f"{AT}hooks/{hook.pk}/change", changed).status_code == 302
    assert "Help desk" in owner.get(AT).content.decode()
    assert owner.post(f"{AT}hooks/{hook.pk}/remove").status_code == 302
    assert not Hook.objects.exists()


def test_a_mailbox_is_added_with_the_usual_port_and_shown(owner: Client) -> None:
    assert owner.post(f"{AT}mailboxes/new", BOX).status_code == 302
    box = Mailbox.objects.get()
    assert (box.port, box.addresses) == (993, ["help@example.com"])
    assert "imap.example.com:993" in owner.get(f"{AT}mailboxes/{box.pk}").content.decode()
    moved = {**BOX, "host": "evil.example.com", "password": ""}
    answer = owner.post(f"{AT}mailboxes/{box.pk}/change", moved)
    assert answer.status_code == 422
    assert "give the password again" in answer.content.decode()


@pytest.mark.parametrize(
    "other",
    [
        {"secret": ""},
        {"secret": "short"},
        {"scheme": "hmac"},
        {"items": "=x"},
        {"mapping": "nothing: x"},
        {"mapping": "channel: =mail"},
        {"mapping": "interaction_id: a\nhappened_at: b\nchannel: c"},
        {"mapping": "channel: a b"},
    ],
)
def test_a_form_refuses_what_cannot_work(owner: Client, other: dict[str, str]) -> None:
    assert owner.post(f"{AT}hooks/new", {**HOOK, **other}).status_code == 422
    assert not Hook.objects.exists()


def test_the_pages_are_for_managers(client_of: Any, ben: Person) -> None:
    for path in ("", "hooks/new", "mailboxes/new", "hooks/1", "mailboxes/1"):
        assert client_of(ben).get(AT + path).status_code == 403


def test_the_list_asks_the_database_little(owner: Client) -> None:
    for number in range(3):
        owner.post(f"{AT}hooks/new", {**HOOK, "name": f"Desk {number}"})
        owner.post(f"{AT}mailboxes/new", {**BOX, "name": f"Box {number}"})
    with CaptureQueriesContext(connection) as asked:
        assert owner.get(AT).status_code == 200
    assert len(asked) <= 12
