"""A mailbox on a real server: read and never changed, each mail once, put to its customer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kizuna.jobs.drain import CONTACTS
from kizuna.pipeline.capture.contacts import Contact, contacts_of
from kizuna.web.accounts.models import Person
from kizuna.web.capture.inbox import open_inbox
from kizuna.web.capture.interactions import mail, services, tasks
from kizuna.web.capture.interactions.models import Mailbox, Stranger
from kizuna.web.know.profiles.models import Contact as Someone
from mail_server import PASSWORD, USER, MailServer, mail_server

pytestmark = pytest.mark.django_db
CUSTOMER, OURS = "yamada@example.jp", "support@kizuna.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("dovecot")) as running:
        yield running


@pytest.fixture(autouse=True)
def _alone(server: MailServer) -> None:
    for path in (server.folder / "mail").rglob("*.tests*"):
        path.unlink()


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path, server: MailServer, aiko: Person) -> Mailbox:
    settings.KIZUNA_HOME = tmp_path
    settings.OUTGOING_HOSTS = [f"127.0.0.1:{server.port}"]
    known("C1", "Yamada@example.jp", aiko)
    return services.add_mailbox(actor=aiko, said=said(server), password=PASSWORD)


def said(server: MailServer, **other: Any) -> dict[str, Any]:
    return {
        "name": "Support", "host": "127.0.0.1", "port": server.port, "security": "plain",
        "user": USER, "folder": "INBOX", "use": "contacts", "addresses": [OURS],
        "since_on": date(2020, 1, 1), "is_on": True, **other,
    }  # fmt: skip


def known(customer: str, email: str, person: Person) -> None:
    Someone.objects.create(
        customer_id=customer, name="Someone", email=email, role="user", changed_by=person
    )


def letter(number: int, *more: str, sender: str = CUSTOMER, to: str = OURS) -> bytes:
    head = [
        f"From: {sender}", f"To: {to}", "Subject: Hello", f"Message-ID: <{number}@mail>",
        "Date: Mon, 1 Jun 2026 10:00:00 +0900", *more,
    ]  # fmt: skip
    return ("\r\n".join(head) + f"\r\n\r\nText {number}\r\n").encode()


def kept() -> list[Contact]:
    with closing(open_inbox()) as inbox:
        entries = [e for e in inbox.claim(1, 1_000) if e.path == CONTACTS]
    return [contact for entry in entries for contact in contacts_of(entry.body, 0)]


def test_mails_become_contacts_of_their_customer_once_and_stay_unread(
    mailbox: Mailbox, server: MailServer
) -> None:
    for number in range(60):
        server.deliver(letter(number))
    assert tasks.read_one.func(mailbox.pk) == 60
    assert tasks.read_one.func(mailbox.pk) == 0
    found = kept()
    assert sorted(c.text or "" for c in found) == sorted(f"Text {n}" for n in range(60))
    assert {(c.customer_key, c.channel, c.direction) for c in found} == {("C1", "mail", "in")}
    assert set(server.flags()) == {""}
    mailbox.refresh_from_db()
    assert (mailbox.problem, mailbox.taken) == ("", 60)


def test_an_answer_of_ours_is_in_the_thread_of_what_it_answers(
    mailbox: Mailbox, server: MailServer
) -> None:
    server.deliver(letter(1))
    server.deliver(letter(2, "References: <1@mail>", sender=f"Ben <{OURS}>", to=CUSTOMER))
    server.deliver(letter(3, "In-Reply-To: <1@mail>"))
    server.deliver(letter(4))
    assert mail.fetch(mailbox) == 4
    found = {c.text: c for c in kept()}
    assert len({found[f"Text {n}"].case_id for n in (1, 2, 3)}) == 1
    assert found["Text 4"].case_id != found["Text 1"].case_id
    assert (found["Text 2"].direction, found["Text 2"].agent) == ("out", "Ben")
    assert found["Text 2"].customer_key == "C1"


def test_of_a_stranger_the_address_alone_is_kept_until_it_is_a_customers(
    mailbox: Mailbox, server: MailServer, aiko: Person
) -> None:
    server.deliver(letter(1, sender="new@example.org"))
    assert mail.fetch(mailbox) == 0
    assert [s.email for s in Stranger.objects.all()] == ["new@example.org"]
    known("C2", "new@example.org", aiko)
    assert mail.fetch(mailbox) == 1
    assert not Stranger.objects.exists()
    assert [c.customer_key for c in kept()] == ["C2"]


def test_an_address_of_two_customers_is_put_to_neither(
    mailbox: Mailbox, server: MailServer, aiko: Person
) -> None:
    known("C9", CUSTOMER, aiko)
    server.deliver(letter(1))
    assert mail.fetch(mailbox) == 0
    assert Stranger.objects.count() == 1


def test_what_machines_write_is_left_out(mailbox: Mailbox, server: MailServer) -> None:
    for number, line in enumerate(("Auto-Submitted: auto-replied", "List-Id: <news>")):
        server.deliver(letter(number, line))
    assert mail.fetch(mailbox) == 0
    mailbox.refresh_from_db()
    assert mailbox.automatic == 2


def test_a_crash_after_keeping_reads_again_and_names_the_contact_as_before(
    mailbox: Mailbox, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(letter(1))
    with monkeypatch.context() as patched:
        patched.setattr(Stranger.objects, "bulk_create", _die)
        with pytest.raises(KeyboardInterrupt):
            mail.fetch(mailbox)
    mailbox.refresh_from_db()
    assert mail.fetch(mailbox) == 1
    assert len({c.interaction_id for c in kept()}) == 1


def test_remembering_before_keeping_would_lose_a_mail(
    mailbox: Mailbox, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(letter(1))

    def too_late(_contacts: Any) -> None:
        Mailbox.objects.filter(pk=mailbox.pk).update(last_uid=10_000)  # the bug
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(mail, "keep", too_late)
        with pytest.raises(KeyboardInterrupt):
            mail.fetch(mailbox)
    mailbox.refresh_from_db()
    assert mail.fetch(mailbox) == 0
    assert kept() == []


def test_mails_that_the_server_numbers_anew_are_the_same_contacts(
    mailbox: Mailbox, server: MailServer
) -> None:
    server.deliver(letter(1))
    assert mail.fetch(mailbox) == 1
    Mailbox.objects.update(validity=1)
    mailbox.refresh_from_db()
    assert mail.fetch(mailbox) == 1
    assert len({c.interaction_id for c in kept()}) == 1


def test_a_japanese_folder_is_found(mailbox: Mailbox, server: MailServer, aiko: Person) -> None:
    from kizuna.web.capture.interactions.imap import in_utf7

    assert in_utf7("受信箱 & co") == "&U9dP4Xux- &- co"
    server.deliver(letter(1), folder=in_utf7("問い合わせ"))
    services.change_mailbox(
        actor=aiko, pk=mailbox.pk, said=said(server, folder="問い合わせ"), password=""
    )
    assert tasks.read_one.func(mailbox.pk) == 1


@pytest.mark.parametrize(
    ("other", "password", "code"),
    [
        ({}, "wrong", "login"),
        ({"folder": "Nowhere"}, PASSWORD, "folder"),
        ({"port": 9}, PASSWORD, "place"),
        ({"host": "10.0.0.1"}, PASSWORD, "place"),
    ],
)
def test_what_is_wrong_is_said(
    mailbox: Mailbox,
    server: MailServer,
    aiko: Person,
    other: dict[str, Any],
    password: str,
    code: str,
) -> None:
    services.change_mailbox(
        actor=aiko, pk=mailbox.pk, said=said(server, **other), password=password
    )
    assert tasks.read_one.func(mailbox.pk) == 0
    mailbox.refresh_from_db()
    assert mailbox.problem == code
    assert tasks.read_all.func() == (0 if code == "login" else 1)


def test_the_kept_password_goes_to_no_other_place(
    mailbox: Mailbox, server: MailServer, aiko: Person
) -> None:
    with pytest.raises(services.PasswordNeeded):
        services.change_mailbox(
            actor=aiko, pk=mailbox.pk, said=said(server, host="evil.example"), password=""
        )


def test_a_contact_of_the_inbox_is_json_that_can_be_searched_for_a_name() -> None:
    contact = Contact(
        "i", "C1", timezone.now(), "mail", "in", None, None, None, "山田", None, None, None,
        None, None, "api", timezone.now(), 0,
    )  # fmt: skip
    from kizuna.pipeline.capture.contacts import body_of

    assert "山田" in body_of([contact]).decode()
    assert json.loads(body_of([contact]))[0][1] == "C1"


def _die(*_said: Any, **_named: Any) -> None:
    raise KeyboardInterrupt
