"""A forgotten password: a link by mail or from a manager, once, for a day, and nothing said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from kizuna.web.accounts.models import AuditEntry, Person, Role, Session
from kizuna.web.accounts.services import reset
from kizuna.web.accounts.services.reset import Links
from kizuna.web.jobs.models import Job
from kizuna.web.jobs.queries import title_of
from kizuna.web.jobs.testing import run_all
from web.conftest import ClientOf, person
from web_installations import free_port

NEW = {"new": "staple battery horse", "again": "staple battery horse"}


class Box:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], str, str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain",))
        text = body.get_content() if body else ""
        self.mails.append((envelope.rcpt_tos, str(mail["subject"]), text))
        return "250 kept"


@pytest.fixture
def box(settings: Any) -> Iterator[Box]:
    """A real server on a port of its own, to which the application is told to send."""
    handler = Box()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.SMTP_HOST = "127.0.0.1"
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 20},
        }
    }
    yield handler
    controller.stop()


def ask(client: Client, email: str) -> str:
    return client.post("/sign-in/forgotten/", {"email": email}).content.decode()


def link_in(text: str) -> str:
    found = re.search(r"http://testserver(/sign-in/new-password/\S+)", text)
    assert found, text
    return found[1]


def can_sign_in(someone: Person, password: str) -> bool:
    given = {"email": someone.email, "password": password}
    return Client().post("/sign-in/", given).status_code == 302


def test_whoever_forgot_gets_a_mail_in_their_language_and_signs_in_anew(
    ben: Person, client: Client, client_of: ClientOf, box: Box
) -> None:
    Person.objects.filter(pk=ben.pk).update(language="ja")
    client_of(ben)
    ask(client, "BEN@example.com")
    run_all()
    [(to, subject, text)] = box.mails
    assert (to, subject) == (["ben@example.com"], "Kizunaのパスワード再設定")
    assert client.post(link_in(text), NEW)["Location"] == "/sign-in/"
    assert not Session.objects.filter(person=ben).exists()
    assert can_sign_in(ben, NEW["new"])
    assert AuditEntry.objects.filter(action="accounts.password.reset", actor=ben).exists()


def test_nobody_learns_who_is_in_the_team(ben: Person, client: Client, box: Box) -> None:
    token = re.compile(r"csrf\S+ \S+|value=\S+|X-CSRFToken\S+ \S+")
    known, unknown = (ask(client, a) for a in ("ben@example.com", "eve@example.com"))
    assert token.sub("", known) == token.sub("", unknown)
    assert Job.objects.count() == 1


def test_the_queue_holds_no_link(ben: Person, client: Client, box: Box) -> None:
    ask(client, ben.email)
    job = Job.objects.get()
    assert "new-password" not in repr((job.args, job.kwargs))
    assert title_of(job) == "Send password link"


def test_a_link_works_once(ben: Person, client: Client) -> None:
    link = reset.path_of(ben)
    assert client.post(link, NEW).status_code == 302
    assert client.post(link, NEW).status_code == 410
    assert client.get(link).status_code == 410


def test_a_link_dies_after_a_day(
    ben: Person, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = reset.path_of(ben)
    later = Links()._now() + timedelta(days=1, seconds=2)
    monkeypatch.setattr(Links, "_now", lambda self: later)
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("wrong", ["/sign-in/new-password/!!/x/", "/sign-in/new-password/1/x-y/"])
def test_a_forged_link_is_refused(ben: Person, client: Client, wrong: str) -> None:
    assert client.get(wrong).status_code == 410


def test_a_link_of_another_does_not_fit(ben: Person, chiyo: Person, client: Client) -> None:
    bens, chiyos = (reset.path_of(someone).split("/") for someone in (ben, chiyo))
    assert client.get("/".join([*bens[:4], chiyos[4], ""])).status_code == 410


def test_who_left_gets_no_link_and_uses_none(ben: Person, client: Client, box: Box) -> None:
    link = reset.path_of(ben)
    Person.objects.filter(pk=ben.pk).update(is_active=False)
    ask(client, ben.email)
    assert not Job.objects.exists()
    assert client.get(link).status_code == 410


def test_a_weak_password_is_refused_beside_its_field(ben: Person, client: Client) -> None:
    page = client.post(reset.path_of(ben), {"new": "short", "again": "short"})
    assert page.status_code == 200
    assert 'id="id_new_error"' in page.content.decode()


def test_asking_again_and_again_is_stopped(ben: Person, client: Client, box: Box) -> None:
    for _ in range(10):
        ask(client, ben.email)
    assert client.post("/sign-in/forgotten/", {"email": ben.email}).status_code == 429


def test_without_mail_the_page_says_whom_to_ask(ben: Person, client: Client, settings: Any) -> None:
    settings.SMTP_HOST = ""
    assert "sends no mail" in client.get("/sign-in/forgotten/").content.decode()
    ask(client, ben.email)
    assert not Job.objects.exists()


def test_a_manager_hands_over_a_link_and_it_is_recorded(ben: Person, client_of: ClientOf) -> None:
    mika = person("Mika", Role.MANAGER)
    page = client_of(mika).post(f"/people/{ben.pk}/reset-link/").content.decode()
    assert Client().post(link_in(page.replace("<", " ")), NEW).status_code == 302
    assert can_sign_in(ben, NEW["new"])
    made = AuditEntry.objects.get(action="accounts.password.link_made")
    assert (made.actor, made.target) == (mika, str(ben.pk))


def test_nobody_makes_a_link_for_someone_above(aiko: Person, ben: Person, db: None) -> None:
    request = RequestFactory().get("/")
    for actor in (person("Mika", Role.MANAGER), ben):
        with pytest.raises(PermissionDenied):
            reset.make_link(actor=actor, person_id=aiko.pk, request=request)
