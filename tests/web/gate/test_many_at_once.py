"""Many contacts are decided on as if they had been asked one after another, in as few reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import batched
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kizuna.jobs.tombstones import Tombstones
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.control import turn_of
from kizuna.web.act.actions.models import Action, Assignment, GlobalPlace, Programme
from kizuna.web.act.gate import services
from kizuna.web.act.gate.known import Known
from kizuna.web.act.gate.models import Cap, Entry, Recipient
from kizuna.web.act.gate.services import Contact, Decision
from kizuna.web.capture.consents.models import Consent, Purpose
from kizuna.web.capture.identities.models import Link
from kizuna.web.know.customers.models import CustomerFact

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NIGHT = NOON + timedelta(hours=10)
CUSTOMERS = [f"c{n}" for n in range(14)]


def live(name: str, **said: Any) -> Action:
    made = actions.draft(actor=None, name=name, kind="mail", **said)
    return actions.go_live(actor=None, action=made)


@pytest.fixture
def plays() -> list[Action]:
    """A world in which every check has something to say: three actions, caps, some who said no."""
    programme = Programme.objects.create(share=0.02, salt="s10")
    GlobalPlace(turn=turn_of(programme, NOON.date()), customer_id="c9", unit_id="c9", version=1,
                is_held=True, share=0.02, placed_at=NOON).save()  # fmt: skip
    CustomerFact.objects.bulk_create(
        CustomerFact(
            customer_id=one, folded="", fingerprint=1, parent_id=f"a{n // 3}" if n % 2 else None
        )
        for n, one in enumerate(CUSTOMERS[2:], 2)
    )
    Link.objects.create(raw_customer_id="old", customer_id="c3")
    Cap.objects.create(count=1, days=7)
    Cap.objects.create(count=2, days=7, scope="account")
    Cap.objects.create(count=1, days=1, channel="email")
    for one in CUSTOMERS[::7]:
        services.suppress(customer_id=one, channel="email", cause="bounce")
    Recipient.objects.update_or_create(pk="c4", defaults={"zone": "Asia/Tokyo"})
    said_no(Purpose.objects.filter(kind="relationship")[0])
    return [
        live("Play", holdout=0.3),
        live("Visit", holdout=0.2, unit="account"),
        live("Notice", holdout=0, is_optional=False),
    ]


def said_no(news: Purpose) -> None:
    words = (
        Consent(customer_id=one, purpose=news, channel="email", status="denied", source="person",
                decided_at=NOON, recorded_at=NOON)
        for one in CUSTOMERS[::5]
    )  # fmt: skip
    Consent.objects.bulk_create(words)


def asked(plays: list[Action], seed: int, count: int = 120) -> list[Contact]:
    """Draw contacts, several with the same customer; a key names one contact."""
    chance, news = Random(seed), Purpose.objects.filter(kind="relationship")[0].code
    found = {}
    for _ in range(count):
        who, action = chance.choice([*CUSTOMERS, "old"]), chance.choice(plays)
        channel = chance.choice(("mail", "phone", "post", "task"))
        key, purpose = f"{who}/{action.pk}/{channel}", chance.choice((news, None))
        order = chance.randrange(3)
        found[key] = Contact(key, who, channel, action, purpose, priority=order)
    return list(found.values())


class TakenBack(Exception):  # noqa: N818  -- ends an example
    """Undoes what was written."""


@contextmanager
def taken_back() -> Iterator[None]:
    """Undo what is written within."""
    try:
        with transaction.atomic():
            yield
            raise TakenBack
    except TakenBack:
        return


def after(contacts: list[Contact], size: int) -> tuple[list[Decision], list[Any]]:
    """Decide by night and when it is over, so many at once; give all, then take it back."""
    said: list[Decision] = []
    with taken_back():
        for at in (NIGHT, NOON + timedelta(hours=20, minutes=1)):
            for some in batched(contacts, size):
                said += services.decide_many(contacts=some, at=at)
        placed = sorted(Assignment.objects.values_list("action", "customer_id", "arm"))
        alone = sorted(GlobalPlace.objects.values_list("customer_id", "is_held"))
    return said, [placed, alone]


def test_many_at_once_are_decided_on_as_one_after_another(plays: list[Action]) -> None:
    contacts = asked(plays, 1)
    one_by_one, found = after(contacts, 1), after(contacts, 100)
    assert found == one_by_one
    reasons = {one.reason for one in found[0]}
    assert reasons >= {"sent", "cap", "quiet", "held_out", "global", "bounce", "unknown"}
    assert reasons >= {"denied", "no_purpose", "sent"}


def reached_at_once(plays: list[Action]) -> int:
    """Ask for two contacts with everybody, where one is allowed; say whom both reached."""
    contacts = [Contact(f"{one}/{n}", one, "phone", plays[0]) for one in CUSTOMERS for n in "ab"]
    found = services.decide_many(contacts=contacts, at=NOON)
    return sum(a.is_sent and b.is_sent for a, b in zip(found[::2], found[1::2], strict=True))


def test_a_cap_holds_within_a_batch(plays: list[Action]) -> None:
    assert reached_at_once(plays) == 0
    assert Entry.objects.filter(outcome="sent").exists()


def test_the_same_test_finds_a_batch_that_forgets_what_it_let_through(
    plays: list[Action], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Known, "note", lambda *_said: None)
    assert reached_at_once(plays) > 0


def test_a_larger_batch_asks_the_database_no_more_often(plays: list[Action]) -> None:
    counts = []
    for size in (80, 600):
        with taken_back(), CaptureQueriesContext(connection) as made:
            services.decide_many(contacts=asked(plays, 2, size), at=NIGHT)
        counts.append(len(made))
    assert counts[1] <= counts[0]


def test_of_who_was_erased_nothing_is_written_and_the_others_are_decided_on(
    plays: list[Action], settings: Any, tmp_path: Any
) -> None:
    settings.KIZUNA_HOME = tmp_path
    Tombstones(tmp_path).add(["c3"], NOON)
    contacts = [Contact(f"k{one}", one, "task", plays[2]) for one in ("old", "c8")]
    found = services.decide_many(contacts=contacts, at=NOON)
    assert [one.reason for one in found] == ["erased", "sent"]
    assert list(Entry.objects.values_list("customer_id", flat=True)) == ["c8"]
