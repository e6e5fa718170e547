"""What whoever does a task may do: end it, put it off, write at it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions import services as actions
from kizuna.web.act.tasks.covering import does, standing_in
from kizuna.web.act.tasks.days import day_of
from kizuna.web.act.tasks.models import LONGEST_MINUTES, Comment, Outcome, State, Task
from kizuna.web.know.alerts import services as alerts
from kizuna.web.know.notes import services as notes


class EndedError(Exception):
    """Raised where a task has ended already."""


class ChangedMeanwhileError(Exception):
    """Raised where someone has changed the task since it was read; nothing is written."""


def finish(
    *,
    actor: Person,
    task: Task,
    minutes: int,
    outcome: str,
    at: datetime | None = None,
    text: str = "",
    also_alert: bool = False,
    request: HttpRequest | None = None,
) -> Task:
    """Say what came of a task and how long it took; what it cost counts for its action.

    A second word on a task that has ended changes nothing.
    """
    now, ended = at or timezone.now(), Outcome(outcome)
    if not 0 <= minutes <= LONGEST_MINUTES:
        raise ValueError("minutes are those of one day at most")
    with transaction.atomic():
        found = locked(actor, task.pk)
        if found.state != State.OPEN:
            return found
        if text.strip():
            _write(actor, found, text, request)
        found.state = State.DROPPED if ended.is_dropped else State.DONE
        found.ended_at, found.ended_by = now, actor
        found.outcome, found.minutes = ended, minutes
        found.cost = _cost(found, now)
        _save(found, "state", "ended_at", "ended_by", "outcome", "minutes", "cost")
        if also_alert and found.alert_id:
            alerts.finish(actor=actor, alert_id=found.alert_id, request=request)
        _record(actor, "finished", found, request, outcome=ended, minutes=minutes, cost=found.cost)
    return found


def snooze(
    *, actor: Person, task_id: int, until_on: date, request: HttpRequest | None = None
) -> Task:
    """Put a task out of sight until a day; what has to be done comes back when it is due."""
    with transaction.atomic():
        found = _open(actor, task_id)
        until = until_on if found.is_optional else min(until_on, found.due_on)
        found.snoozed_until_on = until if until > day_of(timezone.now()) else None
        _save(found, "snoozed_until_on")
        said = found.snoozed_until_on
        _record(actor, "snoozed", found, request, until=said and said.isoformat())
    return found


def wake(*, actor: Person, task_id: int, request: HttpRequest | None = None) -> Task:
    """Bring a task back into sight."""
    with transaction.atomic():
        found = _open(actor, task_id)
        found.snoozed_until_on = None
        _save(found, "snoozed_until_on")
        _record(actor, "woken", found, request)
    return found


def comment(
    *, actor: Person, task_id: int, text: str, request: HttpRequest | None = None
) -> Comment:
    """Write at a task: a note on the customer, in which people may be mentioned."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        return _write(actor, Task.objects.get(pk=task_id), text, request)


def may_do(actor: Person, task: Task) -> bool:
    """Whether a person may act on a task: hers, or her turn; of nobody's, any member; managers."""
    if not actor.may(Role.MEMBER):
        return False
    if actor.may(Role.MANAGER) or actor.pk in (task.owner_id, task.cover_id):
        return True
    return does(task, standing_in(day_of(timezone.now()))) in (None, actor.pk)


def locked(actor: Person, task_id: int) -> Task:
    """Give a task that a person may act on, locked until the transaction ends."""
    found = Task.objects.select_for_update().get(pk=task_id)
    if found.state == State.HELD or not may_do(actor, found):
        raise PermissionDenied
    return found


def _open(actor: Person, task_id: int) -> Task:
    found = locked(actor, task_id)
    if found.state != State.OPEN:
        raise EndedError
    return found


def _cost(task: Task, at: datetime) -> int | None:
    """Write down what was done for the action that it belongs to; give what that cost."""
    if task.action is None or (task.state == State.DROPPED and not task.minutes):
        return None
    deed = actions.record_deed(
        key=f"task:{task.pk}",
        action=task.action,
        customer_id=task.customer_id,
        kind="task",
        at=at,
        minutes=task.minutes or 0,
    )
    return int(deed.cost)


def _write(actor: Person, task: Task, text: str, request: HttpRequest | None) -> Comment:
    note = notes.write(actor=actor, customer_id=task.customer_id, text=text, request=request)
    return Comment.objects.create(task=task, note=note)


def _save(task: Task, *names: str) -> None:
    task.version += 1
    task.save(update_fields=[*names, "version"])


def _record(actor: Person, verb: str, task: Task, request: HttpRequest | None, **said: Any) -> None:
    audit(
        actor=actor,
        action=f"act.task.{verb}",
        target=f"customer {task.customer_id}",
        after={"task": task.pk, **said},
        request=request,
    )
