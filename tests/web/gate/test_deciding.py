"""What the gate decides, check by check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action
from kizuna.web.act.gate import services
from kizuna.web.act.gate.asking import Decision
from kizuna.web.act.gate.models import Cap, Entry
from kizuna.web.know.customers.models import CustomerFact

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def customer(name: str = "c1") -> str:
    CustomerFact.objects.create(customer_id=name, folded=name, fingerprint=1)
    return name


def live(holdout: float = 0.0, **said: Any) -> Action:
    made = actions.draft(actor=None, name="Play", kind="task", holdout=holdout, **said)
    return actions.go_live(actor=None, action=made)


def decide(action: Action, key: str = "k", **said: Any) -> Decision:
    asked: dict[str, Any] = {"customer_id": "c1", "channel": "on_site", "at": NOON} | said
    return services.decide(key=key, action=action, **asked)


def test_what_nothing_speaks_against_is_sent_and_logged() -> None:
    customer()
    assert decide(live()).outcome == "sent"
    assert Entry.objects.get().reason == "sent"


def test_a_cap_holds_until_there_is_room() -> None:
    customer()
    action = live()
    Cap.objects.create(channel="on_site", count=1, days=7)
    decide(action, "a")
    assert decide(action, "b") == Decision("held", "cap", NOON + timedelta(days=7))
