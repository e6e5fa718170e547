"""Several workers send beside each other; and one writes down and hands over at one stroke."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from kizuna.web.act.gate.models import Entry
from kizuna.web.act.messages import ending, gating, sending, tasks
from kizuna.web.act.messages.models import OutboxMessage, State
from kizuna.web.capture.identities.models import Link
from kizuna.web.jobs.models import Job, Worker
from post_office import post_office
from web.act_messages.conftest import Ask, customer

pytestmark = pytest.mark.django_db


def gets_it_once_of_two_workers(ask: Ask, patch: pytest.MonkeyPatch) -> bool:
    """Merge two while another worker hands over the one's; say whether the other's stays."""
    for name in ("c1", "c2"):
        customer(name)
        ask(name)
    Link.objects.create(raw_customer_id="c2", customer_id="c1")
    taken = sending.take(timezone.now())
    ready = [one for one in sending.letters(taken, timezone.now()) if one.message == taken[0]]
    decide = gating.decide

    def quicker(ready: Any, at: Any) -> Any:
        OutboxMessage.objects.filter(pk=taken[1].pk).update(state=State.HANDED, handed_at=at)
        return decide(ready, at)

    patch.setattr(gating, "decide", quicker)
    handed = sending.hand_over(ready, timezone.now())
    return not handed and OutboxMessage.objects.get(pk=taken[0].pk).reason == "twice"


def test_whoever_is_merged_gets_it_once_though_two_workers_send(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gets_it_once_of_two_workers(ask, monkeypatch)
    assert not Entry.objects.filter(outcome="sent").exists()


def test_that_finds_a_worker_that_does_not_look_again(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_not_overtaken", lambda decided: decided)
    assert not gets_it_once_of_two_workers(ask, monkeypatch)


def kept_what_became(ask: Ask, settings: Any, patch: pytest.MonkeyPatch) -> bool:
    """Have the gate fail at the second window; say whether the first stays on record as sent."""
    decide, windows = gating.decide, iter([True])

    def failing(ready: Any, at: Any) -> Any:
        if next(windows, None) is None:
            raise RuntimeError
        return decide(ready, at)

    patch.setattr(gating, "decide", failing)
    for number in range(sending.WINDOW + 1):
        customer(f"c{number}")
        ask(f"c{number}")
    with post_office(settings), pytest.raises(RuntimeError):
        sending.send_due(budget=5)
    return OutboxMessage.objects.filter(state=State.SENT).count() == sending.WINDOW


def test_what_became_of_some_stays_on_record_though_the_next_fail(
    ask: Ask, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept_what_became(ask, settings, monkeypatch)


def test_that_finds_a_turn_that_loses_it(
    ask: Ask, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_or_nothing(called: Any, ready: Any, now: Any, dice: Any) -> Any:
        with transaction.atomic():
            ending.record(called, now, dice)
            return sending.hand_over(ready, now)

    monkeypatch.setattr(sending, "turn", all_or_nothing)
    assert not kept_what_became(ask, settings, monkeypatch)


def outlasts_a_busy_database(ask: Ask, settings: Any, patch: pytest.MonkeyPatch) -> bool:
    """Have the database be busy when a mail was just taken; say whether that is on record."""
    customer("c1")
    ask()
    record, busy = ending._sent, iter([True])

    def sometimes(called: Any, now: Any) -> None:
        if called and next(busy, None):
            raise OperationalError
        record(called, now)

    patch.setattr(ending, "_sent", sometimes)
    with post_office(settings), suppress(OperationalError):
        sending.send_due(budget=5)
    return OutboxMessage.objects.get().state == State.SENT


@pytest.mark.parametrize(("patience", "outlasts"), [((0.01,), True), ((), False)])
def test_what_was_taken_is_on_record_though_the_database_was_busy(
    ask: Ask,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    patience: tuple[float, ...],
    outlasts: bool,
) -> None:
    monkeypatch.setattr(sending, "PATIENCE", patience)
    assert outlasts_a_busy_database(ask, settings, monkeypatch) is outlasts


@pytest.mark.parametrize(("due", "helpers"), [(3, 0), (4, 2)])
def test_where_there_is_much_to_send_every_worker_does(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, due: int, helpers: int
) -> None:
    monkeypatch.setattr(tasks, "MANY", 4)
    for number in range(due):
        customer(f"c{number}")
        ask(f"c{number}")
    now = timezone.now()
    for name, seen in (("a", now), ("b", now), ("c", now), ("d", now - timedelta(hours=1))):
        Worker.objects.create(name=name, started_at=seen, heartbeat_at=seen)
    for _turn in range(2):
        tasks.call_for_help(now)
    helping = Job.objects.filter(task=tasks.help_to_send.module_path)
    assert [job.priority for job in helping] == [-10] * helpers
