"""The pages of messages: who may, what is written, looked at, tested and settled."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.gate.models import Suppression
from kizuna.web.act.messages import sending, tracking
from kizuna.web.act.messages.models import Bounce, Hit, OutboxMessage, Setup, State, Template, Text
from kizuna.web.act.messages.services import bounces
from kizuna.web.capture.consents.models import Consent
from post_office import post_office
from web.act_messages.conftest import Ask, customer

pytestmark = pytest.mark.django_db
WRITTEN = {
    "name": "News", "purpose": "thanks", "missing": "skip", "follows": "on",
    "subject_email_ja": "こんにちは", "body_email_ja": "{{ customer.salutation }}\r\n\r\n**新着**",
}  # fmt: skip
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
REPORT = """From: MAILER-DAEMON@mx.example
To: stop@kizuna.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--b--
"""


@pytest.fixture
def manager(client_of: Any, mia: Person) -> Client:
    client: Client = client_of(mia)
    return client


def sent(ask: Ask, settings: Any) -> tuple[OutboxMessage, Any]:
    """Send one mail; give it as we know it, and as it arrived."""
    customer("c1")
    with post_office(settings) as office:
        made = ask()
        sending.send_due(budget=2)
    made.refresh_from_db()
    return made, office.mails[0]


def test_a_template_is_written_looked_at_and_changed(
    manager: Client, thanks: Any, sender: Any
) -> None:
    customer("c1", name="佐藤　花子様")
    assert manager.post("/messages/templates/new", WRITTEN).status_code == 302
    found = Template.objects.get()
    text = Text.objects.get()
    asked = {"customer": "c1", "text": text.pk}
    page = manager.get(f"/messages/templates/{found.pk}", asked).content.decode()
    assert "佐藤 花子 様" in page
    assert "<strong>新着</strong>" in page
    assert "絆商店" in page
    said = WRITTEN | {"body_email_ja": "二通目", "version": "1"}
    assert manager.post(f"/messages/templates/{found.pk}/change", said).status_code == 302
    late = manager.post(f"/messages/templates/{found.pk}/change", said)
    assert "Somebody has changed the template" in late.content.decode()
    assert AuditEntry.objects.filter(action="act.template.saved").count() == 2


def test_an_unknown_placeholder_is_refused_with_its_place(manager: Client, thanks: Any) -> None:
    said = WRITTEN | {"body_email_ja": "A\r\n{{ customer.salutatoin }}"}
    page = manager.post("/messages/templates/new", said)
    assert page.status_code == 422
    assert "Line 2, place 1" in page.content.decode()
    assert "Was customer.salutation meant?" in page.content.decode()
    assert not Template.objects.exists()


def test_a_test_goes_to_oneself_and_can_unsubscribe_nobody(
    manager: Client, letter: Template, mia: Person, settings: Any
) -> None:
    customer("c1")
    asked = {"customer": "c1", "text": Text.objects.get().pk}
    with post_office(settings) as office:
        manager.post(f"/messages/templates/{letter.pk}/test", asked)
    [mail] = office.mails
    assert mia.email in mail["To"]
    assert mail["List-Unsubscribe"] is None
    assert "/unsubscribe/preview" in mail.get_body(("plain",)).get_content()
    assert not OutboxMessage.objects.exists()


def test_the_outbox_shows_every_state_in_few_questions(
    manager: Client, ask: Ask, settings: Any
) -> None:
    for number in range(3):
        customer(f"c{number}")
        ask(f"c{number}")
    with CaptureQueriesContext(connection) as asked:
        page = manager.get("/messages/").content.decode()
    assert page.count("To be sent") >= 3
    assert len(asked) <= 26
    for state in State.values:
        assert manager.get("/messages/", {"state": state}).status_code == 200


def test_an_uncertain_message_is_settled_by_a_manager_alone(
    manager: Client, client_of: Any, ben: Person, ask: Ask, settings: Any
) -> None:
    customer("c1")
    with post_office(settings, hang_up_after=1):
        pk = ask().pk
        sending.send_due(budget=2)
    assert "Did it arrive?" in manager.get(f"/messages/{pk}").content.decode()
    assert client_of(ben).post(f"/messages/{pk}/settle", {"arrived": "1"}).status_code == 403
    manager.post(f"/messages/{pk}/settle", {"arrived": "1"})
    assert OutboxMessage.objects.get().state == State.SENT


def test_links_and_the_picture_tell_who_it_was(ask: Ask, settings: Any, client: Client) -> None:
    message, _mail = sent(ask, settings)
    OutboxMessage.objects.update(handed_at=timezone.now() - timezone.timedelta(hours=1))
    target = "https://shop.example/a?b=1"
    url = tracking.click_url("http://testserver", message.pk, 0, target)
    assert client.get(url, headers={"user-agent": BROWSER})["Location"] == target
    assert client.head(url, headers={"user-agent": BROWSER}).status_code == 302
    client.get(url, headers={"user-agent": "Barracuda Sentinel"})
    client.get(tracking.open_url("http://testserver", message.pk), headers={"user-agent": BROWSER})
    found = list(Hit.objects.order_by("pk").values_list("kind", "verdict", "why"))
    assert found == [
        ("click", "human", ""), ("click", "machine", "head"), ("click", "machine", "agent"),
        ("open", "human", ""),
    ]  # fmt: skip


def test_a_link_leads_nowhere_else(client: Client, mia: Person) -> None:
    url = tracking.click_url("http://testserver", 1, 0, "https://shop.example/")
    for bad in (url.replace("shop", "evil"), url.replace("/1.0.", "/2.0."), "/follow/x?to=y"):
        assert client.get(bad).status_code == 404
    assert client.get("/opened/1.made-up").status_code == 404


def test_opening_the_link_to_unsubscribe_changes_nothing(
    ask: Ask, settings: Any, client: Client
) -> None:
    _message, mail = sent(ask, settings)
    path = mail["List-Unsubscribe"].split(">")[0].removeprefix("<https://kizuna.example")
    client.get(path)
    assert not Consent.objects.exists()
    answer = client.post(path, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.cookies) == (200, {})
    assert Consent.objects.get().status == "withdrawn"


def test_a_report_of_a_mail_server_is_heeded_once(ask: Ask, settings: Any) -> None:
    message, mail = sent(ask, settings)
    said = {"address": "c1@example.jp", "message_id": mail["Message-ID"]}
    raw = REPORT.format(status="5.1.1", **said).encode()
    for _time in range(2):
        for report in bounces.read(raw):
            assert bounces.note(report=report, at=timezone.now())
    assert Bounce.objects.get().message == message
    assert Suppression.objects.get().cause == "bounce"


def test_a_full_mailbox_counts_for_good_only_the_third_time(ask: Ask, settings: Any) -> None:
    sent(ask, settings)
    for number in range(3):
        assert not Suppression.objects.exists()
        report = bounces.Report("soft", None, "c1@example.jp", "4.2.2", f"full {number}")
        bounces.note(report=report, at=timezone.now())
    assert Suppression.objects.exists()


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"Subject: hi\n\nhello", REPORT.encode()[:300]])
def test_a_mail_that_is_no_report_says_nothing(raw: bytes) -> None:
    assert bounces.read(raw) == []


def test_a_channel_is_set_up_and_its_key_not_shown(manager: Client) -> None:
    said = {"sms-url": "https://93.184.216.34/sms", "sms-secret": "s3cret"}
    assert manager.post("/messages/channels/sms", said).status_code == 302
    assert "s3cret" not in manager.get("/messages/channels").content.decode()
    assert "s3cret" not in Setup.objects.get().hidden_secret
    refused = manager.post("/messages/channels/sms", {"sms-url": "http://127.0.0.1/"})
    assert refused.status_code == 422


def test_a_viewer_writes_nothing(client_of: Any, chiyo: Person, letter: Template) -> None:
    browser = client_of(chiyo)
    assert browser.get("/messages/").status_code == 200
    assert browser.get(f"/messages/templates/{letter.pk}").status_code == 200
    for path in ("templates/new", f"templates/{letter.pk}/change", "channels"):
        assert browser.get(f"/messages/{path}").status_code == 403
