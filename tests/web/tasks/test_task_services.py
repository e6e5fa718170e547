"""What is done with tasks: once, by who may, on record, with its cost; and whom chance spares."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from kizuna.jobs.tombstones import of_store
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Deed
from kizuna.web.act.tasks import queries, services
from kizuna.web.act.tasks.days import due, today
from kizuna.web.act.tasks.models import State, Task
from kizuna.web.act.tasks.services import opening, working_time
from kizuna.web.know.alerts.models import Alert
from kizuna.web.know.notes.models import Mention
from web.conftest import person
from web.tasks.conftest import action, opened

pytestmark = pytest.mark.django_db


def test_a_key_opens_one_task_however_often(home: Store, ben: Person) -> None:
    first, again = opened("enrolment:1"), opened("enrolment:1", title="Another")
    assert first.pk == again.pk
    assert (first.owner, first.due_on) == (ben, due(today(), 3))
    assert Task.objects.count() == 1
    assert AuditEntry.objects.filter(action="act.task.opened").count() == 1


def test_minutes_become_the_cost_of_a_deed_once(home: Store, aiko: Person, ben: Person) -> None:
    task = opened("k", action=action(aiko))
    done = services.finish(actor=ben, task=task, minutes=24, outcome="helped")
    services.finish(actor=ben, task=task, minutes=99, outcome="declined")
    deed = Deed.objects.get()
    assert (done.cost, deed.cost, deed.minutes, deed.customer_id) == (1_200, 1_200, 24, "small")
    assert Task.objects.get().outcome == "helped"


def test_what_was_not_needed_and_took_no_time_is_no_deed(
    home: Store, aiko: Person, ben: Person
) -> None:
    task = opened("k", action=action(aiko))
    done = services.finish(actor=ben, task=task, minutes=0, outcome="not_needed")
    assert (done.state, Deed.objects.count()) == (State.DROPPED, 0)


def test_whom_chance_holds_out_is_in_nobodys_queue(home: Store, aiko: Person, ben: Person) -> None:
    half = action(aiko, holdout=0.5)
    tasks = [opened(f"k{n}", f"customer {n}", action=half, owner=ben) for n in range(40)]
    placed = actions.place(
        action=half, customer_ids=[t.customer_id for t in tasks], reason="", at=timezone.now()
    )
    held = {task.customer_id for task in tasks if task.state == State.HELD}
    assert held == {name for name, where in placed.items() if not where.is_treated}
    assert 5 < len(held) < 35
    assert held.isdisjoint(row.task.customer_id for row in queries.queue(ben).rows)
    spared = next(task for task in tasks if task.state == State.HELD)
    with pytest.raises(PermissionDenied):
        services.finish(actor=aiko, task=spared, minutes=1, outcome="helped")


def test_the_rule_bites_where_opening_does_not_ask_chance(
    home: Store, aiko: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_kept_from", lambda *given: "")
    half = action(aiko, holdout=0.5)
    assert {opened(f"k{n}", f"c{n}", action=half).state for n in range(40)} == {State.OPEN}


def test_what_has_to_be_done_holds_nobody_out(home: Store, aiko: Person) -> None:
    duty = action(aiko, is_optional=False)
    assert {opened(f"k{n}", f"c{n}", action=duty).state for n in range(20)} == {State.OPEN}


def test_of_an_erased_customer_not_even_a_row_is_kept(home: Store, aiko: Person) -> None:
    of_store(home.folder).add(["small"], timezone.now())
    assert opened("k", "small").pk is None
    assert opened("l", "small", action=action(aiko, is_optional=False)).pk is None
    assert not Task.objects.exists()


def test_the_control_group_gets_nothing_optional_by_hand_either(
    home: Store, aiko: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening.actions, "in_global_control", lambda customer_id, at: True)
    said = {"actor": aiko, "customer_id": "small", "title": "Say hello", "due_on": today()}
    with pytest.raises(services.ControlGroupError):
        services.add(**said)
    assert services.add(**said, is_optional=False).state == State.OPEN


def test_a_member_does_what_is_hers_and_what_is_nobodys(
    home: Store, aiko: Person, ben: Person, chiyo: Person
) -> None:
    hers, free = opened("a", owner=aiko), opened("b", "unknown")
    assert free.owner is None
    assert not services.may_do(ben, hers)
    assert services.may_do(ben, free)
    assert not services.may_do(chiyo, free)
    with pytest.raises(PermissionDenied):
        services.finish(actor=ben, task=hers, minutes=1, outcome="helped")
    assert services.assign(actor=ben, task_ids=[free.pk], owner=ben) == 1
    with pytest.raises(PermissionDenied):
        services.assign(actor=ben, task_ids=[hers.pk], owner=ben)


def test_many_change_hands_at_once_and_whose_they_were_is_on_record(
    home: Store, aiko: Person, ben: Person, chiyo: Person
) -> None:
    tasks = [opened(f"k{n}") for n in range(5)]
    ids = [task.pk for task in tasks]
    assert services.assign(actor=aiko, task_ids=ids, owner=aiko) == 5
    assert services.assign(actor=aiko, task_ids=ids, owner=aiko) == 0
    entry = AuditEntry.objects.get(action="act.task.assigned")
    assert entry.before == {"owner": {str(pk): ben.pk for pk in ids}}
    with pytest.raises(services.NobodyError):
        services.assign(actor=aiko, task_ids=ids, owner=chiyo)


def test_who_stands_in_finds_the_tasks_of_who_is_away(
    home: Store, aiko: Person, ben: Person
) -> None:
    mei, task = person("Mei", Role.MEMBER), opened("k")
    day = today()
    working_time.be_away(actor=ben, person=ben, cover=mei, from_on=day, until_on=day)
    assert [row.task.pk for row in queries.queue(mei).rows] == [task.pk]
    assert queries.queue(ben).rows == []
    assert services.may_do(mei, task)
    tomorrow = day + timedelta(days=1)
    working_time.be_away(actor=aiko, person=mei, cover=aiko, from_on=tomorrow, until_on=tomorrow)
    assert [row.doer for row in queries.queue(mei).rows] == [mei]


def test_stand_ins_who_are_away_too_are_followed_and_a_circle_ends(
    home: Store, aiko: Person, ben: Person
) -> None:
    mei, day = person("Mei", Role.MEMBER), today()
    opened("k")
    for away, cover in ((ben, mei), (mei, aiko)):
        working_time.be_away(actor=aiko, person=away, cover=cover, from_on=day, until_on=day)
    assert len(queries.queue(aiko).rows) == 1
    working_time.be_away(actor=aiko, person=aiko, cover=ben, from_on=day, until_on=day)
    assert len(queries.queue(ben).rows) == 1


def test_what_is_put_off_comes_back_and_a_duty_on_its_day_at_the_latest(
    home: Store, aiko: Person, ben: Person
) -> None:
    free, duty = opened("a"), opened("b", action=action(aiko, is_optional=False))
    far = today() + timedelta(days=60)
    assert services.snooze(actor=ben, task_id=free.pk, until_on=far).snoozed_until_on == far
    until = services.snooze(actor=ben, task_id=duty.pk, until_on=far).snoozed_until_on
    assert until == duty.due_on
    assert queries.queue(ben).rows == []
    services.wake(actor=ben, task_id=free.pk)
    assert len(queries.queue(ben).rows) == 1


def test_a_comment_is_a_note_and_tells_whom_it_names(
    home: Store, aiko: Person, ben: Person
) -> None:
    task = opened("k")
    services.comment(actor=ben, task_id=task.pk, text="@Aiko may we offer a month?")
    assert Mention.objects.get().person == aiko
    (written,) = queries.comments_on(task)
    assert written.note.customer_id == "small"


def test_the_alert_behind_a_task_ends_with_it(home: Store, ben: Person) -> None:
    at = timezone.now()
    alert = Alert.objects.create(
        customer_id="small", cause="use", severity="caution", person=ben, raised_at=at,
        last_at=at, currency="JPY",
    )  # fmt: skip
    said = {"actor": ben, "customer_id": "small", "title": "Call", "due_on": today()}
    task = services.add(**said, alert=alert, owner=ben)
    services.finish(actor=ben, task=task, minutes=5, outcome="helped", also_alert=True)
    alert.refresh_from_db()
    assert (alert.state, task.source) == ("done", "alert")


def test_who_saves_after_somebody_else_changes_nothing(home: Store, ben: Person) -> None:
    task = opened("k")
    said = {"title": "Write", "owner": ben, "cover": None, "due_on": date(2026, 6, 1)}
    services.change(actor=ben, task_id=task.pk, version=1, said=said)
    with pytest.raises(services.ChangedMeanwhileError):
        services.change(actor=ben, task_id=task.pk, version=1, said=said | {"title": "No"})
    assert Task.objects.get().title == "Write"


def test_the_database_holds_a_task_to_its_end(home: Store) -> None:
    task = opened("k")
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(state=State.DONE)
