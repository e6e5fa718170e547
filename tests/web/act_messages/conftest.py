"""An action that is live, somebody to write to, and words to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action, Programme
from kizuna.web.act.gate.models import Rules
from kizuna.web.act.messages.models import OutboxMessage, Template
from kizuna.web.act.messages.services import enqueue
from kizuna.web.act.messages.services.templates import Said, Words, save
from kizuna.web.capture.consents.models import Purpose, Sender
from kizuna.web.know.customers.models import CustomerFact
from web.conftest import person

type Ask = Callable[..., OutboxMessage]


def customer(name: str, /, **said: Any) -> CustomerFact:
    """Make somebody who is known."""
    usual = {"name": "山田 太郎", "kind": "person", "email": f"{name}@example.jp"}
    found: CustomerFact = CustomerFact.objects.create(
        customer_id=name, folded=name, fingerprint=1, **(usual | said)
    )
    return found


def words(body: str, subject: str = "Hello", language: str = "ja", channel: str = "email") -> Words:
    """Write for one channel in one language."""
    return Words(channel, language, body, subject)


@pytest.fixture
def mia(db: None) -> Person:
    """A manager."""
    return person("Mia", Role.MANAGER)


@pytest.fixture
def always_open(db: None) -> None:
    """Let the gate know no quiet hours and no global control: tests run at night too."""
    Rules.objects.create(quiet_channels=[])
    Programme.objects.update_or_create(pk=Programme.THE_ONE, defaults={"is_on": False})


@pytest.fixture
def sender(db: None) -> Sender:
    """Who writes."""
    said = {
        "legal_name": "絆商店", "postal_address": "東京都千代田区1-1",
        "contact": "info@kizuna.example",
        "site": "https://kizuna.example", "mailbox": "stop@kizuna.example",
    }  # fmt: skip
    found: Sender = Sender.objects.update_or_create(pk=Sender.THE_ONE, defaults=said)[0]
    return found


@pytest.fixture
def thanks(db: None) -> Purpose:
    """A purpose that needs no yes, on every channel."""
    said = {"kind": "relationship", "channels": ["email", "sms", "line"], "name_en": "Thanks"}
    found: Purpose = Purpose.objects.update_or_create(code="thanks", defaults=said)[0]
    return found


@pytest.fixture
def play(db: None) -> Action:
    """An action that is live and holds nobody out."""
    made = actions.draft(actor=None, name="Play", kind="mail", holdout=0.0, cost_per_unit=3.0)
    return actions.go_live(actor=None, action=made)


@pytest.fixture
def letter(mia: Person, thanks: Purpose, sender: Sender) -> Template:
    """A mail that addresses the customer."""
    text = "{{ customer.salutation }}\n\n[Shop](https://shop.example/a?b=1)"
    said = Said("Thanks", thanks.code, [words(text, "{{ customer.salutation }}へ")])
    return save(actor=mia, said=said)


@pytest.fixture
def ask(play: Action, letter: Template, always_open: None) -> Ask:
    """Line a message up."""

    def asked(customer_id: str = "c1", step: str = "1", **said: Any) -> OutboxMessage:
        given = {"action": play, "template": letter, "at": timezone.now()} | said
        return enqueue(customer_id=customer_id, step=step, **given)

    return asked
