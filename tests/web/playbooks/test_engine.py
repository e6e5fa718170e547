"""Customers go through playbooks: each step once, whatever happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kizuna.jobs.subjects import Subject
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Assignment, Programme
from kizuna.web.act.messages.models import OutboxMessage, Template
from kizuna.web.act.messages.services import templates
from kizuna.web.act.messages.services.templates import Words
from kizuna.web.act.playbooks import advancing, enrolling, services
from kizuna.web.act.playbooks.models import Effect, Enrolment, Passed, Playbook, State
from kizuna.web.act.playbooks.warnings import warnings
from kizuna.web.act.tasks.models import Task
from kizuna.web.capture.identities.models import Link
from kizuna.web.capture.privacy import records
from kizuna.web.know.customers.models import CustomerFact

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CALL = {"id": "call", "do": "task", "title": "Call them"}
WAIT = {"id": "rest", "do": "wait", "days": 2}
VISIT = {"id": "visit", "do": "task", "title": "Visit them"}


@pytest.fixture(autouse=True)
def without_global_control(db: None) -> None:
    Programme.objects.update_or_create(id=1, defaults={"is_on": False})


def live(actor: Person, *steps: dict[str, Any], **more: Any) -> Playbook:
    said = {"name": "Look after", "trigger": {"when": "by_hand"}, "steps": list(steps)} | more
    made = services.make(actor=actor, said=said, holdout=0.0)
    return services.go_live(actor=actor, pk=made.pk, edits=1, read=True)


def enter(playbook: Playbook, *ids: str, at: datetime = NOW) -> Any:
    return enrolling.enter(playbook=playbook, customer_ids=ids, reason="test", at=at)


def advance(at: datetime) -> None:
    while advancing.advance(at):
        pass


def titles() -> list[str]:
    return list(Task.objects.order_by("pk").values_list("title", flat=True))


def test_steps_are_done_in_their_order_and_their_time(aiko: Person) -> None:
    enter(live(aiko, CALL, WAIT, VISIT), "acme")
    advance(NOW)
    assert titles() == ["Call them"]
    advance(NOW + 2 * DAY - timedelta(seconds=1))
    assert titles() == ["Call them"]
    advance(NOW + 2 * DAY)
    assert titles() == ["Call them", "Visit them"]
    assert Enrolment.objects.get().state == State.DONE
    assert dict(Passed.objects.values_list("step", "came")) == {"call": 1, "rest": 1, "visit": 1}


def test_a_wait_of_business_days_passes_over_the_weekend(aiko: Person) -> None:
    enter(live(aiko, {"id": "rest", "do": "wait", "business_days": 3}, CALL), "acme")
    advance(NOW)
    assert Enrolment.objects.get().wake_at == NOW + 5 * DAY


def test_who_is_held_out_is_kept_as_such_and_nothing_is_done(aiko: Person) -> None:
    playbook = live(aiko, CALL)
    actions.set_holdout(actor=aiko, action=playbook.action, holdout=0.5)
    ids = [f"c{n}" for n in range(60)]
    entered = enter(playbook, *ids)
    advance(NOW)
    held = Enrolment.objects.filter(state=State.HELD_OUT)
    assert 10 < held.count() == entered.held_out < 50
    treated = Enrolment.objects.filter(state=State.DONE).values_list("customer_id", flat=True)
    assert set(Task.objects.values_list("customer_id", flat=True)) == set(treated)


def test_the_same_customer_is_on_the_way_once(aiko: Person) -> None:
    playbook = live(aiko, WAIT, CALL, again="after_end")
    assert enter(playbook, "acme").going == 1
    assert enter(playbook, "acme").not_again == 1
    advance(NOW)
    advance(NOW + 2 * DAY)
    assert enter(playbook, "acme", at=NOW + 3 * DAY).going == 1


@pytest.mark.parametrize(
    ("again", "days", "entered"),
    [("never", 900, 0), ({"after_days": 30}, 29, 0), ({"after_days": 30}, 30, 1)],
)
def test_who_comes_again_is_said_by_the_playbook(
    aiko: Person, again: Any, days: int, entered: int
) -> None:
    playbook = live(aiko, CALL, again=again)
    enter(playbook, "acme")
    advance(NOW)
    assert enter(playbook, "acme", at=NOW + days * DAY).going == entered


def test_who_is_on_the_way_finishes_by_the_version_of_her_own(aiko: Person) -> None:
    playbook = live(aiko, WAIT, CALL)
    enter(playbook, "acme")
    advance(NOW)
    said = playbook.draft | {"steps": [WAIT, VISIT]}
    services.change(actor=aiko, pk=playbook.pk, edits=1, said=said)
    services.go_live(actor=aiko, pk=playbook.pk, edits=2, read=True)
    enter(playbook, "bolt")
    advance(NOW)
    advance(NOW + 2 * DAY)
    assert dict(Task.objects.values_list("customer_id", "title")) == {
        "acme": "Call them",
        "bolt": "Visit them",
    }


def test_a_step_that_sends_back_does_so_as_often_as_it_may(aiko: Person) -> None:
    back = {"id": "again", "do": "go_to", "step": "rest", "at_most": 2}
    enter(live(aiko, WAIT, CALL, back, VISIT), "acme")
    for day in range(10):
        advance(NOW + day * DAY)
    assert titles() == ["Call them"] * 3 + ["Visit them"]


def test_a_step_that_cannot_be_done_is_tried_again_and_then_shown_as_stuck(aiko: Person) -> None:
    broken = {"id": "own", "do": "update", "what": "field", "field": "Gone", "value": "x"}
    playbook = live(aiko, CALL)
    assert playbook.live is not None
    playbook.live.said = playbook.draft | {"steps": [CALL, broken, VISIT]}
    playbook.live.save()
    enter(playbook, "acme", "bolt")
    for day in range(20):
        advance(NOW + day * DAY)
    stuck = Enrolment.objects.filter(state=State.STUCK, step="own", tries=advancing.MOST_TRIES)
    assert stuck.count() == 2
    assert titles() == ["Call them"] * 2
    services.try_again(actor=aiko, pk=playbook.pk)
    assert not stuck.exists()


def test_a_clock_that_jumps_neither_loses_nor_repeats_a_step(aiko: Person) -> None:
    enter(live(aiko, CALL, WAIT, VISIT, {**WAIT, "id": "more"}, {**CALL, "id": "last"}), "acme")
    jumps = [0, 400, 1, -300, 2, 403, 402, 800]
    for day in jumps:
        advance(NOW + day * DAY)
    assert titles() == ["Call them", "Visit them", "Call them"]
    moments = list(Effect.objects.order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments)


def test_a_customer_who_is_merged_goes_on_as_the_one_who_stays(aiko: Person) -> None:
    playbook = live(aiko, WAIT, CALL)
    enter(playbook, "old", "twin", "stays")
    advance(NOW)
    for raw, into in (("old", "new"), ("twin", "stays")):
        Link.objects.create(raw_customer_id=raw, into_id=into, customer_id=into, rule="key")
    advance(NOW + 2 * DAY)
    called = Task.objects.values_list("customer_id", flat=True)
    assert sorted(called) == ["new", "stays"]
    assert Enrolment.objects.get(customer_id="twin").state == State.MERGED


def test_a_customer_who_is_erased_is_gone_from_every_playbook(aiko: Person) -> None:
    enter(live(aiko, WAIT, CALL), "acme", "bolt")
    advance(NOW)
    list(records.erase(Subject(("acme",), ())))
    advance(NOW + 2 * DAY)
    assert list(Task.objects.values_list("customer_id", flat=True)) == ["bolt"]
    assert not Enrolment.objects.filter(customer_id="acme").exists()


def test_a_playbook_that_is_paused_does_nothing_until_it_goes_on(aiko: Person) -> None:
    playbook = live(aiko, WAIT, CALL)
    enter(playbook, "acme")
    advance(NOW)
    services.pause(actor=aiko, pk=playbook.pk)
    advance(NOW + 3 * DAY)
    assert titles() == []
    assert enter(playbook, "bolt").going == 0
    services.resume(actor=aiko, pk=playbook.pk)
    advance(NOW + 4 * DAY)
    assert titles() == ["Call them"]


def template(actor: Person, body: str = "Hello {{ customer.name }}") -> Template:
    words = [Words("email", "en", body, "Hello")]
    return templates.save(actor=actor, said=templates.Said("Hello", "marketing", words))


def test_a_message_goes_into_the_outbox_once_and_is_taken_back_from_who_leaves(
    aiko: Person,
) -> None:
    template(aiko)
    write = {"id": "write", "do": "message", "template": "Hello"}
    playbook = live(aiko, write, WAIT, CALL, again="after_end")
    enter(playbook, "acme", "bolt")
    advance(NOW)
    assert OutboxMessage.objects.count() == 2
    gone = Enrolment.objects.get(customer_id="acme")
    services.stop(actor=aiko, pk=playbook.pk, enrolment=gone.pk)
    states = dict(OutboxMessage.objects.values_list("customer_id", "state"))
    assert states == {"acme": "dropped", "bolt": "waiting"}
    enter(playbook, "acme", at=timezone.now())
    advance(timezone.now())
    assert OutboxMessage.objects.filter(customer_id="acme").count() == 2


def test_a_placeholder_that_is_empty_for_some_is_warned_of_with_how_many(aiko: Person) -> None:
    template(aiko, "Hello {{ customer.name }} of {{ customer.region }}")
    for n in range(4):
        named = {"name": "Acme" if n else None, "region": "Tokyo" if n > 1 else None}
        CustomerFact.objects.create(customer_id=f"c{n}", folded="", fingerprint=1, **named)
    write = {"id": "write", "do": "message", "template": "Hello"}
    found = warnings(live(aiko, write))
    assert {one.customers for one in found if "is empty for" in one.text} == {1, 2}


def test_nothing_is_done_with_who_was_held_out_on_the_way(aiko: Person) -> None:
    playbook = live(aiko, WAIT, CALL)
    enter(playbook, "acme", "bolt")
    advance(NOW)
    Assignment.objects.create(
        action=playbook.action, customer_id="other", unit_id="other", version=1, arm="control",
        propensity=0.5, holdout=0.5, eligible_at=NOW,
    )  # fmt: skip
    Link.objects.create(raw_customer_id="other", into_id="acme", customer_id="acme", rule="key")
    advance(NOW + 2 * DAY)
    assert list(Task.objects.values_list("customer_id", flat=True)) == ["bolt"]
    assert Enrolment.objects.get(customer_id="acme").state == State.HELD_OUT
