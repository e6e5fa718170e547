"""Webhooks that come in: only what is signed, by the mapping of the source, nothing lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.jobs.drain import CONTACTS
from kizuna.pipeline.capture.contacts import Contact, contacts_of
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.capture.inbox import open_inbox
from kizuna.web.capture.interactions import services, signatures, taking
from kizuna.web.capture.interactions.models import Hook, Refusal

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
ITEM = {
    "interaction_id": "1", "customer_id": "C1", "happened_at": "2026-06-01T10:00:00+09:00",
    "channel": "call", "direction": "inbound", "transfers": 1, "wait_seconds": 90,
}  # fmt: skip
LINE = {
    "interaction_id": "webhookEventId", "customer_id": "source.userId", "text": "message.text",
    "happened_at": "timestamp", "channel": "=line", "direction": "=in",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.KIZUNA_HOME = tmp_path


def said(**other: Any) -> dict[str, Any]:
    return {
        "name": "Desk", "scheme": "standard", "signature_header": "", "timestamp_header": "",
        "items": "", "mapping": {}, "is_on": True, **other,
    }  # fmt: skip


@pytest.fixture
def hook(aiko: Person) -> Hook:
    return services.add_hook(actor=aiko, said=said(), secret=SECRET)


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """Sign as the specification says, in words of our own."""
    stamp = str(int(timezone.now().timestamp() if at is None else at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"m1.{stamp}.".encode() + body, hashlib.sha256).digest()
    text = base64.b64encode(digest).decode()
    return {
        "webhook-id": "m1", "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(bytes(32)).decode()} v1,{text}",
    }  # fmt: skip


def call(hook: Hook, body: Any, headers: dict[str, str] | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(
        f"/contact-sources/in/{hook.token}",
        data=content,
        content_type="application/json",
        headers=signed(content) if headers is None else headers,
    )


def kept() -> list[Contact]:
    with closing(open_inbox()) as inbox:
        entries = [e for e in inbox.claim(1, 1_000) if e.path == CONTACTS]
    return [contact for entry in entries for contact in contacts_of(entry.body, 0)]


def test_the_example_of_the_specification_is_taken() -> None:
    body = b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert signatures.standard(secret, headers, body, 1614265330 + 60)
    assert not signatures.standard(secret, headers, body, 1614265330 + 301)
    assert not signatures.standard(secret, headers, body + b" ", 1614265330)


def test_what_is_signed_is_kept_and_in_the_words_of_the_table(hook: Hook) -> None:
    answer = call(hook, [ITEM])
    assert (answer.status_code, answer.json()) == (202, {"taken": 1, "refused": 0})
    (found,) = kept()
    assert found.interaction_id == f"webhook-{hook.pk}:1"
    assert (found.channel, found.direction, found.transfers) == ("phone", "in", 1)
    assert found.happened_at.isoformat() == "2026-06-01T01:00:00+00:00"


@pytest.mark.parametrize("change", ["none", "old", "other", "body", "id"])
def test_what_is_not_signed_is_refused_and_counted(hook: Hook, change: str) -> None:
    body = json.dumps([ITEM]).encode()
    headers = signed(body, at=timezone.now().timestamp() - 301 if change == "old" else None)
    if change == "none":
        headers = {}
    if change == "other":
        headers = signed(body, "whsec_" + base64.b64encode(b"x" * 24).decode())
    if change == "id":
        headers["webhook-id"] = "m2"
    sent = body + b" " if change == "body" else body
    assert call(hook, sent, headers).status_code == 401
    assert kept() == []
    hook.refresh_from_db()
    assert (hook.unsigned, hook.taken) == (1, 0)


def test_a_door_that_does_not_look_at_signatures_would_let_anybody_in(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_is_signed", lambda *_said: True)  # the bug
    assert call(hook, [ITEM], {}).status_code == 202


def test_a_line_official_account_is_understood_by_its_mapping(aiko: Person) -> None:
    given = said(
        name="LINE", scheme="hmac", signature_header="X-Line-Signature", items="events",
        mapping=LINE,
    )  # fmt: skip
    hook = services.add_hook(actor=aiko, said=given, secret="channel secret")
    event = {
        "type": "message", "webhookEventId": "01H", "timestamp": 1780275600000,
        "source": {"type": "user", "userId": "U1"}, "message": {"text": "こんにちは"},
    }  # fmt: skip
    body = json.dumps({"destination": "x", "events": [event]}).encode()
    digest = hmac.new(b"channel secret", body, hashlib.sha256).digest()
    header = {"X-Line-Signature": base64.b64encode(digest).decode()}
    assert call(hook, body, header).json() == {"taken": 1, "refused": 0}
    (found,) = kept()
    assert (found.customer_key, found.channel, found.text) == ("U1", "line", "こんにちは")
    assert found.happened_at.isoformat() == "2026-06-01T01:00:00+00:00"


def test_a_time_may_be_signed_before_the_body() -> None:
    stamp, body = "2026-06-01T00:00:00Z", b"{}"
    digest = hmac.new(b"s", stamp.encode() + body, hashlib.sha256)
    for text in (digest.hexdigest(), "sha256=" + digest.hexdigest()):
        headers = {"x-signature": text, "x-time": stamp}
        assert signatures.simple(
            "s", headers, body, 0, signature_header="X-Signature", timestamp_header="X-Time"
        )
    assert not signatures.simple(
        "s", {"x-signature": digest.hexdigest()}, body, 0, signature_header="X-Signature",
        timestamp_header="X-Time",
    )  # fmt: skip


def test_one_bad_item_refuses_no_other_and_can_be_tried_again(hook: Hook, aiko: Person) -> None:
    bad = [
        {**ITEM, "interaction_id": "2", "happened_at": "yesterday"},
        {**ITEM, "interaction_id": "3", "customer_id": None, "email": "x@example.com"},
        {**ITEM, "interaction_id": "4", "direction": "sideways"},
        "no object",
    ]
    for _again in range(2):
        assert call(hook, [*bad, ITEM]).json() == {"taken": 1, "refused": 4}
    codes = set(Refusal.objects.values_list("code", "field"))
    assert codes == {
        ("bad_time", "happened_at"), ("unknown_customer", "email"),
        ("bad_direction", "direction"), ("not_object", ""),
    }  # fmt: skip
    mapping = {name: name for name in ITEM} | {"happened_at": "=2026-06-01", "direction": "=in"}
    services.change_hook(actor=aiko, pk=hook.pk, said=said(mapping=mapping), secret="")
    assert services.retry(actor=aiko, pk=hook.pk) == (2, 2)
    assert Refusal.objects.count() == 2
    assert {c.interaction_id[-1] for c in kept()} == {"1", "2", "4"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"NaN", b"[" * 100_000, b'"\\u0000"'])
def test_a_body_that_cannot_be_read_is_kept_for_people_to_see(hook: Hook, body: bytes) -> None:
    answer = call(hook, body)
    assert (answer.status_code, answer.json()) == (202, {"taken": 0, "refused": 1})
    assert Refusal.objects.count() == 1


def test_bodies_without_end_and_addresses_of_none_are_refused(hook: Hook) -> None:
    assert call(hook, b"x" * 1_000_001).status_code == 413
    Hook.objects.update(is_on=False)
    assert call(hook, [ITEM]).status_code == 404
    assert Client().get(f"/contact-sources/in/{hook.token}").status_code == 405


def test_where_too_much_was_refused_the_caller_waits(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "MOST_REFUSED", 1)
    assert call(hook, [1]).status_code == 202
    answer = call(hook, [ITEM])
    assert (answer.status_code, answer["Retry-After"]) == (503, "300")
    assert kept() == []


def test_the_secret_is_in_no_record(hook: Hook, aiko: Person) -> None:
    services.change_hook(actor=aiko, pk=hook.pk, said=said(), secret=SECRET)
    assert SECRET not in hook.hidden_secret
    entries = AuditEntry.objects.filter(action__startswith="capture.interactions.")
    assert entries.count() == 2
    assert not any(SECRET in f"{e.before}{e.after}" for e in entries)
