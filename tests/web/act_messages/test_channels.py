"""LINE, short messages and programs of one's own, against a real server on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.policy import SMTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from kizuna.web.accounts.models import Person
from kizuna.web.act.messages import sending
from kizuna.web.act.messages.channels import mail as mail_channel
from kizuna.web.act.messages.channels.protocol import Fate
from kizuna.web.act.messages.channels.smtp import POLICY
from kizuna.web.act.messages.models import Handle, OutboxMessage, Setup
from kizuna.web.act.messages.services import setups
from kizuna.web.act.messages.services.templates import Said, save
from kizuna.web.act.webhooks.signatures import new_secret, signature
from web.act_messages.conftest import Ask, customer, words

pytestmark = pytest.mark.django_db


class Service:
    """Answers with `answers`, one after another, then with 200; 0 is to hang up without a word."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.came: list[tuple[dict[str, str], bytes]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status = service.answers.pop(0) if service.answers else 200
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_said: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    """A service that may be called."""
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def template(mia: Person, thanks: Any, sender: Any) -> Any:
    """Words for every channel."""
    body = "{{ customer.salutation }} https://shop.example/"
    said = [words(body, channel=channel) for channel in ("line", "sms", "webhook")]
    return save(actor=mia, said=Said("All", thanks.code, said))


def send(hours: float = 0) -> OutboxMessage:
    """Send what is due, or would be then."""
    earlier = timezone.now() - timedelta(hours=hours, minutes=1)
    OutboxMessage.objects.filter(state__in=["waiting", "held"]).update(due_at=earlier)
    Setup.objects.update(paused_until=None)
    sending.send_due(chance=Random(3), budget=3)
    return OutboxMessage.objects.get()


def line(mia: Person, service: Service, ask: Ask, template: Any) -> None:
    """Line up a message to somebody on LINE."""
    customer("c1")
    Handle.objects.create(customer_id="c1", channel="line", value="U1", set_at=timezone.now())
    setups.save(actor=mia, channel="line", url=service.url, secret="token")
    ask(template=template, channel="line")


def test_line_is_pushed_with_a_key_that_lets_it_be_taken_once(
    mia: Person, service: Service, ask: Ask, template: Any
) -> None:
    service.answers = [0, 500, 409]
    line(mia, service, ask, template)
    assert send().state == "waiting"
    assert send().state == "waiting"
    assert send().state == "sent"
    keys = {headers["x-line-retry-key"] for headers, _body in service.came}
    assert (len(service.came), len(keys)) == (3, 1)
    headers, body = service.came[0]
    said = json.loads(body)
    assert headers["authorization"] == "Bearer token"
    assert said["to"] == "U1"
    assert said["messages"][0]["text"].startswith("山田 太郎 様 https://kizuna.example/follow/")
    assert "https://kizuna.example/unsubscribe/" in said["messages"][0]["text"]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (400, "refused: refused"),
        (429, "waiting: busy"),
        (401, "waiting: sign_in_refused"),
        (302, "refused: refused"),
    ],
)
def test_what_line_answers_is_understood(
    mia: Person, service: Service, ask: Ask, template: Any, status: int, state: str
) -> None:
    service.answers = [status]
    line(mia, service, ask, template)
    found = send()
    assert f"{found.state}: {found.reason}" == state


def test_a_short_message_without_an_answer_is_uncertain_and_not_sent_again(
    mia: Person, service: Service, ask: Ask, template: Any
) -> None:
    service.answers = [0]
    customer("c1", phone="+81 90-1234-5678")
    setups.save(actor=mia, channel="sms", url=service.url, secret="k")
    ask(template=template, channel="sms")
    assert send().state == "uncertain"
    send(hours=48)
    [(headers, body)] = service.came
    assert json.loads(body)["to"] == "+819012345678"
    assert headers["idempotency-key"] == OutboxMessage.objects.get().key


def test_a_program_of_ones_own_is_told_with_a_signature(
    mia: Person, service: Service, ask: Ask, template: Any
) -> None:
    secret = new_secret()
    customer("c1", email=None)
    setups.save(actor=mia, channel="webhook", url=service.url, secret=secret)
    ask(template=template, channel="webhook")
    assert send().state == "sent"
    [(said, body)] = service.came
    signed = signature(secret, said["webhook-id"], int(said["webhook-timestamp"]), body)
    assert said["webhook-signature"] == signed
    assert json.loads(body)["customer_id"] == "c1"


def test_an_address_within_is_not_called(
    mia: Person, service: Service, ask: Ask, template: Any, settings: Any
) -> None:
    settings.OUTGOING_HOSTS = []
    line(mia, service, ask, template)
    assert send().reason == "address_refused"
    assert service.came == []


def test_the_first_channel_is_taken_on_which_a_customer_is_reached(
    mia: Person, service: Service, ask: Ask, template: Any
) -> None:
    customer("c1", phone="090-1234-5678")
    assert ask(template=template).channel == "sms"


class Refusing(BaseEmailBackend):
    """A backend as those of django-anymail: an error has the status of the service's answer."""

    status = 400

    def send_messages(self, email_messages: Any) -> int:
        error = RuntimeError("refused")
        error.status_code = self.status  # type: ignore[attr-defined]
        raise error


class Unwell(Refusing):
    """A service that fails without saying whether it took the mail."""

    status = 502


@pytest.mark.parametrize(("name", "fate"), [("Refusing", "refused"), ("Unwell", "uncertain")])
def test_other_backends_of_djangos_are_understood(settings: Any, name: str, fate: Fate) -> None:
    settings.MAILERS = {"customers": {"BACKEND": f"{__name__}.{name}"}}
    letter = mail_channel.Letter(number=1, key="k", address="c@example.jp", text="x")
    assert mail_channel.Mail().send(letter).fate == fate


def test_mail_programs_read_the_address_that_unsubscribes_letter_by_letter() -> None:
    address = f"<https://k.example/unsubscribe/{'x' * 150}>"
    said = {"List-Unsubscribe": address, "Message-ID": "<1@k.example>"}
    mail = EmailMultiAlternatives("山田様へ", "text", "a@k.example", ["b@k.example"], headers=said)
    assert f"List-Unsubscribe: {address}\r\n".encode() in mail.message(policy=POLICY).as_bytes()
    assert b"List-Unsubscribe: =?utf-8" in mail.message(policy=SMTP).as_bytes()
