"""Records that grow with each contact have a period; what they decide and count stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action, Deed
from kizuna.web.act.gate.models import Cap, Entry
from kizuna.web.act.messages.clearing import MESSAGES
from kizuna.web.act.messages.models import Bounce, Hit, OutboxMessage, Returned
from kizuna.web.act.on_site import queries as of_site
from kizuna.web.act.on_site.clearing import ON_SITE
from kizuna.web.act.on_site.models import Hit as SiteHit
from kizuna.web.act.on_site.models import Message, Showing
from kizuna.web.capture.privacy import retention
from kizuna.web.capture.privacy.models import Held, Retention
from kizuna.web.capture.privacy.periods import CLEARINGS
from web.act_messages.conftest import ask, letter, play, sender, thanks
from web.conftest import person

__all__ = ["ask", "letter", "play", "sender", "thanks"]
pytestmark = pytest.mark.django_db
NOW = timezone.now()
OLD, NEW = NOW - timedelta(days=500), NOW - timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.KIZUNA_HOME = tmp_path


@pytest.fixture
def mia(db: None) -> Person:
    return person("Mia", Role.MANAGER)


@pytest.fixture
def always_open(db: None) -> None:
    """Nothing is sent here."""


def clear(mia: Person, held: str) -> int:
    """Set a year, and let the night come."""
    retention.set_period(actor=mia, held=held, months=12)
    before = retention.would_go(held, 12)
    assert retention._apply(Retention.objects.get(held=held)) == before, (
        "what goes is what the page counted"
    )
    assert retention.would_go(held, 12) == 0
    return before


def test_each_kind_of_record_is_cleared_by_somebody() -> None:
    of_tables = {"events", "interactions", "responses", "rejects", "files", "webhooks"}
    assert set(CLEARINGS) == set(Held.values) - of_tables


def sent(ask: Any, step: str, at: Any) -> OutboxMessage:
    made = ask(step=step)
    told = {"state": "sent", "due_at": None, "handed_at": at, "ended_at": at}
    told |= {"address": "c1@example.jp", "values": {"link": "https://x"}, "detail": "250 ok"}
    OutboxMessage.objects.filter(pk=made.pk).update(**told)
    said = {"message": made, "customer_id": "c1", "channel": "email", "kind": "soft", "at": at}
    Bounce.objects.create(key=f"b{step}", **said)
    Returned.objects.create(key=f"r{step}", at=at, why="not_ours")
    return made


def test_old_messages_lose_what_they_said_and_are_not_sent_twice(ask: Any, mia: Person) -> None:
    old, new = sent(ask, "1", OLD), sent(ask, "2", NEW)
    assert clear(mia, "messages") == 3
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.address, old.values, old.detail, old.state) == ("", {}, "", "sent")
    assert (new.address, new.values) == ("c1@example.jp", {"link": "https://x"})
    assert ask(step="1").pk == old.pk, "its key is still taken"
    assert Bounce.objects.count() == Returned.objects.count() == 1


def test_clearing_that_deletes_messages_would_send_them_again(
    ask: Any, mia: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def delete(_before: Any) -> int:
        return int(OutboxMessage.objects.filter(ended_at__lt=_before).delete()[0])

    old = sent(ask, "1", OLD)
    monkeypatch.setitem(CLEARINGS, Held.MESSAGES, type(MESSAGES)(MESSAGES.count, delete))
    retention.set_period(actor=mia, held="messages", months=12)
    retention._apply(Retention.objects.get())
    assert ask(step="1").pk != old.pk


def test_old_opens_and_clicks_go(ask: Any, mia: Person) -> None:
    message = ask()
    for at in (OLD, NEW):
        said = {"message": message, "customer_id": "c1", "kind": "click", "method": "GET"}
        Hit.objects.create(at=at, verdict="human", **said)
    assert clear(mia, "hits") == 1
    assert Hit.objects.get().at == NEW


def test_decisions_go_but_for_those_that_a_cap_still_counts(play: Action, mia: Person) -> None:
    lately = NOW - timedelta(days=300)
    for number, (at, counted) in enumerate([(OLD, True), (OLD, False), (lately, True)]):
        Entry.objects.create(
            key=str(number), customer_id="c1", channel="email", action=play, outcome="sent",
            reason="sent", is_counted=counted, first_at=at, at=at,
        )  # fmt: skip
    Entry.objects.create(
        key="held", customer_id="c1", channel="email", action=play, outcome="held", reason="cap",
        is_open=True, first_at=OLD, at=OLD,
    )  # fmt: skip
    Cap.objects.create(channel="email", count=1, days=365)
    retention.set_period(actor=mia, held="decisions", months=6)
    assert retention._apply(Retention.objects.get()) == 2
    assert sorted(Entry.objects.values_list("key", flat=True)) == ["2", "held"]


def showing(message: Message, who: str, at: Any, **said: Any) -> Showing:
    made = Showing.objects.create(
        message=message, customer_id=who, number=1, let_at=at, shown_at=at, agent="A", **said
    )
    for kind, why in (("shown", ""), ("clicked", ""), ("clicked", "agent"), ("closed", "")):
        SiteHit.objects.create(showing=made, customer_id=who, kind=kind, at=at, why=why)
    return made


def test_showings_go_where_they_decide_nothing_and_numbers_stay(play: Action, mia: Person) -> None:
    message = Message.objects.create(action=play, body_ja="x")
    showing(message, "anon:1", OLD)
    closed = showing(message, "anon:2", OLD, ended_at=OLD)
    showing(message, "anon:3", NEW)
    before = of_site.shown(message)
    assert clear(mia, "on_site") == 9
    assert set(Showing.objects.values_list("customer_id", "agent")) == {
        ("anon:2", ""), ("anon:3", "A")
    }  # fmt: skip
    message = of_site.message(message.pk) or message
    assert of_site.shown(message) == before, "what the page tells is what it told"
    actions.conclude(actor=mia, action=play)
    assert ON_SITE.clear(NOW - timedelta(days=365)) == 1
    assert not Showing.objects.filter(pk=closed.pk).exists()
    assert of_site.shown(of_site.message(message.pk) or message) == before
    assert not Deed.objects.exists()
