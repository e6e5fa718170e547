"""A worker of its own process that lines messages up or sends them, for tests that kill it."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from kizuna.web.loading import load

CHUNK = 20_000


def ask(count: int) -> None:
    """Line up a message for each of so many customers, and then again, as a crash has it done.

    Every tenth has said no; chance holds some out. Somebody lined them up all the same.
    """
    from django.utils import timezone

    from kizuna.web.act.actions import services as actions
    from kizuna.web.act.actions.models import Programme
    from kizuna.web.act.gate.models import Rules
    from kizuna.web.act.messages.models import OutboxMessage
    from kizuna.web.act.messages.services import enqueue_many

    Rules.objects.create(quiet_channels=[])
    Programme.objects.update_or_create(pk=Programme.THE_ONE, defaults={"is_on": False})
    template, now = _template(), timezone.now()
    made = actions.draft(actor=None, name="Play", kind="mail", holdout=0.2)
    action = actions.go_live(actor=None, action=made)
    for start in range(0, count, CHUNK):
        names = [f"c{n}" for n in range(start, min(start + CHUNK, count))]
        _customers(names)
        actions.place(action=action, customer_ids=names, reason="test", at=now)
        for _turn in range(2):
            enqueue_many(action=action, customer_ids=names, step="1", template=template, at=now)
    assert OutboxMessage.objects.count() == count


def _template() -> Any:
    from django.utils import timezone

    from kizuna.web.act.messages.models import Template, TemplateVersion, Text
    from kizuna.web.capture.consents.models import Purpose, Sender

    said = {"kind": "relationship", "channels": ["email"], "name_en": "Thanks"}
    Purpose.objects.update_or_create(code="thanks", defaults=said)
    who = {
        "legal_name": "Kizuna", "postal_address": "Tokyo", "contact": "x", "site": "https://k.example"
    }  # fmt: skip
    Sender.objects.update_or_create(pk=Sender.THE_ONE, defaults=who)
    now = timezone.now()
    template = Template.objects.create(name="T", purpose="thanks", version=1, changed_at=now)
    version = TemplateVersion.objects.create(template=template, number=1, made_at=now)
    body = "{{ customer.salutation }}\n\nhttps://shop.example/"
    Text.objects.create(version=version, channel="email", language="ja", subject="S", body=body)
    return template


def _customers(names: list[str]) -> None:
    from django.utils import timezone

    from kizuna.web.capture.consents.models import Consent, Purpose
    from kizuna.web.know.customers.models import CustomerFact

    CustomerFact.objects.bulk_create(
        CustomerFact(
            customer_id=name, folded=name, fingerprint=1, name="山田 太郎", kind="person",
            email=f"{name}@example.jp",
        )
        for name in names
    )  # fmt: skip
    purpose, now = Purpose.objects.get(code="thanks"), timezone.now()
    Consent.objects.bulk_create(
        Consent(
            customer_id=name, purpose=purpose, channel="email", status="withdrawn",
            decided_at=now, recorded_at=now, source="person",
        )
        for name in names
        if int(name[1:]) % 10 == 0
    )  # fmt: skip


def work(lease: float, at_once: int, timeout: float) -> None:
    """Send until nothing is under way."""
    from django.conf import settings

    from kizuna.web.act.messages import patience, sending
    from kizuna.web.act.messages.models import UNDER_WAY, OutboxMessage, Setup

    settings.MAILERS["customers"]["OPTIONS"]["timeout"] = timeout
    sending.LEASE, sending.AT_ONCE = timedelta(seconds=lease), at_once
    patience.WAITS = (timedelta(seconds=0.3),) * 20
    patience.QUIET = (timedelta(seconds=0.2),)
    while OutboxMessage.objects.filter(state__in=UNDER_WAY).exists():
        if Setup.objects.exclude(paused_until=None).exists():
            Setup.objects.update(paused_until=None)
        if not sending.send_due(budget=30):
            time.sleep(0.1)


def cancel() -> None:
    """Cancel what waits, while workers send."""
    from django.utils import timezone

    from kizuna.web.act.actions.models import Action
    from kizuna.web.act.messages import services

    for action in Action.objects.all():
        services.cancel(action=action, at=timezone.now())


def main() -> None:
    """Do what was asked."""
    asked = ArgumentParser()
    asked.add_argument("verb", choices=["ask", "work", "cancel"])
    asked.add_argument("count", type=int, nargs="?")
    asked.add_argument("--lease", type=float, default=3)
    asked.add_argument("--at-once", type=int, default=256)
    asked.add_argument("--timeout", type=float, default=2)
    given = asked.parse_args()
    load()
    if given.verb == "ask":
        ask(given.count)
    elif given.verb == "cancel":
        cancel()
    else:
        work(given.lease, given.at_once, given.timeout)


if __name__ == "__main__":
    main()
