"""A yes by a mailed link, through a real mail server: pressing counts, opening does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from django.utils import timezone

from kizuna.web.accounts.models import Person
from kizuna.web.capture.consents import queries
from kizuna.web.capture.consents.models import Consent, OptIn, Purpose, Sender
from kizuna.web.capture.consents.services import opting_in, recording
from kizuna.web.capture.consents.services.recording import Said
from kizuna.web.jobs.testing import run_all
from web.interface.asking import Program
from web_installations import free_port

pytestmark = pytest.mark.django_db
HANA, MAIL = "c-hana-77", "hana@example.jp"
ASKED = {"customer_id": HANA, "email": MAIL, "purpose": "news", "language": "ja"}
YES = Said(HANA, "granted", "news", "email")


class Postbox:
    """Keeps what a mail server is handed."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@pytest.fixture
def postbox(settings: Any, news: Purpose) -> Iterator[Postbox]:
    box = Postbox()
    port = free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    options = {"host": "127.0.0.1", "port": port}
    backend = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    settings.SMTP_HOST = "127.0.0.1"
    Sender.objects.create(legal_name="絆商店", site="http://testserver")
    yield box
    server.stop()


@pytest.fixture
def link(mia: Person, news: Purpose) -> str:
    made = opting_in.ask(actor=mia, said=YES, email=MAIL, language="en", send=False)
    return opting_in.path_of(made)


def allowed() -> bool:
    return queries.may(HANA, channel="email", purpose="news").allowed


def test_a_mail_asks_and_its_link_confirms(postbox: Postbox, mia: Person, client: Client) -> None:
    answer = Program(mia).post("consents/opt-ins", json=ASKED)
    assert answer.status_code == 201
    run_all()
    (mail,) = postbox.mails
    assert mail["To"] == MAIL
    assert "お申し込み" in mail["Subject"]
    text = mail.get_content()
    assert "絆商店" in text
    (path,) = re.findall(r"http://testserver(/confirm/\S+)", text)
    assert not allowed()
    client.post(path, {"confirm": "1"})
    assert allowed()
    proof = Consent.objects.get().proof
    assert (proof["mailed_to"], proof["address"]) == (MAIL, "127.0.0.1")
    assert proof["asked_at"] < proof["confirmed_at"]


def test_a_mail_is_sent_once_also_when_the_worker_tries_again(
    postbox: Postbox, mia: Person
) -> None:
    made = opting_in.ask(actor=mia, said=YES, email=MAIL, language="en")
    run_all()
    opting_in.send(pk=made.pk)
    assert len(postbox.mails) == 1


def test_scanners_that_open_links_confirm_nothing(client: Client, link: str) -> None:
    for answer in (client.get(link), client.head(link), client.get(link + "?confirm=1")):
        assert answer.status_code == 200
    client.post(link)
    assert not allowed()
    assert not Consent.objects.exists()


def test_pressing_twice_is_one_yes(client: Client, link: str) -> None:
    for _time in range(2):
        assert "confirmed" in client.post(link, {"confirm": "1"}).content.decode()
    assert Consent.objects.count() == 1


def test_a_no_that_was_said_since_ends_the_link(client: Client, link: str, mia: Person) -> None:
    recording.record(actor=mia, said=Said(HANA, "withdrawn"))
    assert client.post(link, {"confirm": "1"}).status_code == 404
    assert not allowed()


def test_a_link_ends_after_a_week(client: Client, link: str) -> None:
    long_ago = timezone.now() - timedelta(days=8)
    OptIn.objects.update(asked_at=long_ago, expires_at=long_ago + opting_in.GOOD_FOR)
    assert client.post(link, {"confirm": "1"}).status_code == 404
    assert not allowed()


def test_nobody_is_flooded(mia: Person, link: str) -> None:
    for _time in range(opting_in.MAILS_A_DAY - 1):
        opting_in.ask(actor=mia, said=YES, email=MAIL.upper(), language="en", send=False)
    with pytest.raises(opting_in.TooManyError):
        opting_in.ask(actor=mia, said=YES, email=MAIL, language="en", send=False)


def test_where_no_mail_can_be_sent_a_program_is_told(mia: Person, news: Purpose) -> None:
    assert Program(mia).post("consents/opt-ins", json=ASKED).status_code == 409
    assert not OptIn.objects.exists()
