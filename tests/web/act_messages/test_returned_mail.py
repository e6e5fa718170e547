"""A mailbox on a real server brings back what came back: heeded, once, or left to a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.gate.models import Suppression
from kizuna.web.act.messages import sending
from kizuna.web.act.messages.models import Bounce, OutboxMessage, Returned
from kizuna.web.act.messages.services import returns
from kizuna.web.act.messages.tracking import message_mark
from kizuna.web.capture.interactions import services, tasks
from kizuna.web.capture.interactions.models import Mailbox, Stranger
from mail_server import PASSWORD, USER, MailServer, mail_server
from post_office import post_office
from web.act_messages.conftest import Ask, customer
from web.act_messages.test_reports import dsn, notice

pytestmark = pytest.mark.django_db
FORGED = notice(
    "MAILER-DAEMON@evil.example", "failure notice", "<c1@example.jp>:\nuser unknown (#5.1.1)\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("dovecot")) as running:
        yield running


@pytest.fixture(autouse=True)
def _alone(server: MailServer) -> None:
    for path in (server.folder / "mail").rglob("*.tests*"):
        path.unlink()


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path, server: MailServer, mia: Person) -> Mailbox:
    """Give a mailbox into which only reports come."""
    settings.KIZUNA_HOME = tmp_path
    settings.OUTGOING_HOSTS = [f"127.0.0.1:{server.port}"]
    said = {
        "name": "Returns", "host": "127.0.0.1", "port": server.port, "security": "plain",
        "user": USER, "folder": "INBOX", "use": "returns", "addresses": [],
        "since_on": date(2020, 1, 1), "is_on": True,
    }  # fmt: skip
    return services.add_mailbox(actor=mia, said=said, password=PASSWORD)


@pytest.fixture
def mail(ask: Ask, settings: Any) -> Any:
    """Give a mail that was sent to a customer."""
    customer("c1")
    return sent(ask, settings)


def sent(ask: Ask, settings: Any, step: str = "1") -> Any:
    with post_office(settings) as office:
        ask(step=step)
        sending.send_due(budget=20)
    return office.mails[0]


def report(mail: Any, status: str = "5.1.1", said: str = "550 5.1.1 user unknown") -> bytes:
    """Let a server send a mail of ours back."""
    mark = message_mark(12).encode()
    own = mail["Message-ID"].strip("<>").partition("@")[0].encode()
    return dsn(status, said).replace(mark, own)


def look(mailbox: Mailbox) -> None:
    tasks.read_one.func(mailbox.pk)
    mailbox.refresh_from_db()
    assert mailbox.problem == ""


def test_an_address_that_is_none_stops_mails_and_a_report_counts_once(
    mailbox: Mailbox, server: MailServer, mail: Any, ask: Ask
) -> None:
    server.deliver(report(mail))
    server.deliver(report(mail))
    look(mailbox)
    assert (mailbox.returned, Bounce.objects.get().kind) == (2, "hard")
    assert Suppression.objects.get().cause == "bounce"
    Mailbox.objects.update(validity=1)
    mailbox.refresh_from_db()
    look(mailbox)
    assert Bounce.objects.count() == 1, "read anew, it is the same report"
    assert set(server.flags()) == {""}, "the mailbox is left as it was"
    ask(step="2")
    sending.send_due(budget=2)
    later = OutboxMessage.objects.get(step="2")
    assert (later.state, later.reason) == ("dropped", "bounce")


def test_what_is_for_now_is_counted_and_what_is_about_us_stops_nothing(
    mailbox: Mailbox, server: MailServer, mail: Any
) -> None:
    for number in range(4):
        server.deliver(report(mail, "5.7.1", f"550 5.7.1 blocked for spam {number}"))
    server.deliver(report(mail, "5.2.2", "552 5.2.2 mailbox full"))
    look(mailbox)
    assert list(Bounce.objects.values_list("kind", flat=True)) == ["soft"] * 5
    assert not Suppression.objects.exists()
    for number in range(2):
        server.deliver(report(mail, "4.2.2", f"452 4.2.2 mailbox full {number}"))
    look(mailbox)
    assert Suppression.objects.get().cause == "bounce", "the third within 30 days"


def stops_by_a_forgery(mailbox: Mailbox, server: MailServer) -> bool:
    server.deliver(FORGED)
    look(mailbox)
    return Suppression.objects.exists()


def test_a_report_without_our_mark_stops_nobody_by_itself(
    mailbox: Mailbox, server: MailServer, mail: Any
) -> None:
    assert not stops_by_a_forgery(mailbox, server)
    assert Bounce.objects.get().kind == "soft"


def test_a_reader_that_trusts_every_report_would_be_found(
    mailbox: Mailbox, server: MailServer, mail: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns, "replace", lambda found, **_said: found)
    assert stops_by_a_forgery(mailbox, server)


def test_what_cannot_be_understood_is_kept_and_shown_until_a_person_has_looked(
    mailbox: Mailbox, server: MailServer, mail: Any, client_of: Any, mia: Person, chiyo: Person
) -> None:
    server.deliver(notice("MAILER-DAEMON@mx.example", "Returned mail", "壊れた通知 <script>"))
    server.deliver(notice("hana@example.jp", "Re: お知らせ", "ありがとう"))
    server.deliver(notice("jun@example.jp", "自動返信", "不在です", "Auto-Submitted: auto-replied"))
    server.deliver(dsn("5.1.1", "550 no such user", to="stranger@example.org"))
    Mailbox.objects.update(validity=1)
    look(mailbox)
    Mailbox.objects.update(validity=2)
    look(mailbox)
    why = sorted(Returned.objects.values_list("why", flat=True))
    assert why == ["no_report", "not_ours", "unreadable"], "an answer by a machine is no bounce"
    browser: Client = client_of(mia)
    page = browser.get("/messages/returned").text
    assert "壊れた通知 &lt;script&gt;" in page
    assert "stranger@example.org" in page
    left = Returned.objects.get(why="unreadable")
    wrong = browser.post(f"/messages/returned/{left.pk}", {"kind": "hard", "address": "x@y"})
    assert wrong.status_code == 302
    assert not Suppression.objects.exists()
    browser.post(f"/messages/returned/{left.pk}", {"kind": "hard", "address": "c1@example.jp"})
    assert Suppression.objects.get().customer_id == "c1"
    for other in Returned.objects.filter(done_at=None):
        browser.post(f"/messages/returned/{other.pk}", {"kind": "", "address": ""})
    assert not Returned.objects.filter(done_at=None).exists()
    assert AuditEntry.objects.filter(action="act.messages.returned_settled").count() == 3
    assert "stranger@example.org" not in browser.get("/messages/returned").text
    assert browser.post("/messages/returned/9999", {"kind": ""}).status_code == 404
    assert client_of(chiyo).get("/messages/returned").status_code == 403


def test_a_mailbox_of_contacts_gives_up_what_carries_our_mark_alone(
    mailbox: Mailbox, server: MailServer, mail: Any
) -> None:
    Mailbox.objects.update(use="contacts", addresses=["help@kizuna.example"])
    mailbox.refresh_from_db()
    server.deliver(report(mail))
    server.deliver(FORGED)
    server.deliver(notice("c1@example.jp", "Question", "When?", "To: help@kizuna.example"))
    server.deliver(dsn("5.1.1", "550 no", to="typo@example.org").replace(b"kizuna.", b"own."))
    look(mailbox)
    assert (mailbox.returned, mailbox.taken, mailbox.automatic) == (1, 1, 1)
    assert not Returned.objects.exists(), "what staff wrote by hand is nobody's business"
    assert Bounce.objects.get().kind == "hard"
    assert Stranger.objects.get().email == "mailer-daemon@evil.example"


def test_reports_go_to_an_address_that_names_the_mail(
    settings: Any, ask: Ask, mailbox: Mailbox, server: MailServer
) -> None:
    customer("c1")
    settings.RETURN_ADDRESS = "bounce+{mark}@kizuna.example"
    mail = sent(ask, settings)
    envelope = mail["X-Envelope-From"]
    assert envelope.startswith("bounce+kizuna.")
    assert "bounce" not in mail["From"]
    server.deliver(
        notice("MAILER-DAEMON@ezweb.ne.jp", "Returned mail", "user unknown", f"To: {envelope}")
    )
    look(mailbox)
    assert Bounce.objects.get().kind == "hard"


def test_the_page_asks_as_many_questions_of_many_rows_as_of_one(
    mail: Any, client_of: Any, mia: Person, django_assert_max_num_queries: Any
) -> None:
    message, now = OutboxMessage.objects.get(), timezone.now()
    said = {"message": message, "customer_id": "c1", "channel": "email", "kind": "soft"}
    for number in range(60):
        Bounce.objects.create(key=f"b{number}", at=now - timedelta(hours=number), **said)
        Returned.objects.create(key=f"r{number}", at=now, why="no_report", subject="x")
    Returned.objects.create(key="a", at=now - timedelta(days=9), why="unreadable", subject="A")
    browser = client_of(mia)
    with django_assert_max_num_queries(16):
        page = browser.get("/messages/returned").text
    assert "?page=2" in page
    assert "61 wait, of which 50 are shown" in page, "nothing is left out in silence"
    assert "<h3><bdi>A</bdi></h3>" in page, "a report comes before any number of letters"
    browser.post("/messages/returned/aside")
    assert Returned.objects.get(done_at=None).subject == "A"
