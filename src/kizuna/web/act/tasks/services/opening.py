"""Opening tasks: by hand, from an alert, from a playbook or a renewal."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.jobs.tombstones import of_store
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions import queries as actions
from kizuna.web.act.actions import services as placing
from kizuna.web.act.actions.models import Action
from kizuna.web.act.tasks.days import day_of, due
from kizuna.web.act.tasks.models import USUAL_MINUTES, Outcome, Source, State, Task
from kizuna.web.know.alerts.models import Alert
from kizuna.web.know.alerts.owners import owners_of
from kizuna.web.know.publications.services import store

ERASED = "erased"


class ControlGroupError(Exception):
    """Raised where somebody would do something optional for a customer of the control group."""


def open_task(
    *,
    key: str,
    customer_id: str,
    title: str,
    body: str = "",
    action: Action | None = None,
    owner: Person | None = None,
    due_in: int = 1,
    at: datetime,
    play: str = "",
    source: Source = Source.PLAYBOOK,
    planned_minutes: int = USUAL_MINUTES,
    due_on: date | None = None,
) -> Task:
    """Open a task once, however often it is asked for by one key; due in so many business days.

    Without an owner it goes to whoever looks after the customer. Whom chance holds out of an
    optional action gets none: a row says so, and stands in nobody's queue. Of a customer who was
    erased not even a row is kept: the task that is given was not saved.
    """
    there = Task.objects.filter(key=key).first()
    if there is not None:
        return there
    is_optional = action.is_optional if action is not None else True
    with transaction.atomic():
        why = _kept_from(customer_id, action, f"task: {key}", at)
        values: dict[str, Any] = {
            "customer_id": customer_id,
            "title": title[:200],
            "body": body,
            "source": source,
            "play": play[:120],
            "action": action,
            "is_optional": is_optional,
            "planned_minutes": planned_minutes,
            "due_on": due_on or due(day_of(at), due_in),
            "state": State.HELD if why else State.OPEN,
            "held_why": why,
            "opened_at": at,
        }
        if why == ERASED:
            return Task(key=key, **values)
        values["owner"] = owner or owners_of([customer_id]).get(customer_id)
        task, made = Task.objects.get_or_create(key=key, defaults=values)
        if made:
            _record(None, task, None)
    return task


def add(
    *,
    actor: Person,
    customer_id: str,
    title: str,
    body: str = "",
    owner: Person | None = None,
    due_on: date,
    planned_minutes: int = USUAL_MINUTES,
    is_optional: bool = True,
    alert: Alert | None = None,
    request: HttpRequest | None = None,
) -> Task:
    """Open a task by hand, or from an alert.

    Raises
    ------
    ControlGroupError
        When it is optional, and the customer is one whom nothing optional is to reach.

    """
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    now = timezone.now()
    if is_optional and actions.in_global_control(customer_id, now):
        raise ControlGroupError
    with transaction.atomic():
        task = Task.objects.create(
            key=f"hand:{uuid.uuid4().hex}",
            customer_id=customer_id,
            title=title,
            body=body,
            owner=owner,
            due_on=due_on,
            planned_minutes=planned_minutes,
            is_optional=is_optional,
            source=Source.ALERT if alert else Source.HAND,
            alert=alert,
            opened_at=now,
            opened_by=actor,
        )
        _record(actor, task, request)
    return task


def withdraw(*, task_ids: Iterable[int], at: datetime, why: str) -> int:
    """Take open tasks back whose occasion is over; give how many."""
    with transaction.atomic():
        chosen = Task.objects.select_for_update().filter(pk__in=list(task_ids), state=State.OPEN)
        pks = list(chosen.values_list("pk", flat=True))
        if pks:
            ended = {"state": State.DROPPED, "ended_at": at, "outcome": Outcome.NOT_NEEDED}
            Task.objects.filter(pk__in=pks).update(**ended)
            said = {"tasks": pks, "why": why}
            audit(actor=None, action="act.task.withdrawn", target=f"{len(pks)} tasks", after=said)
    return len(pks)


def _kept_from(customer_id: str, action: Action | None, reason: str, at: datetime) -> str:
    """Say what keeps a task from a customer; empty: nothing. Places her where that is due.

    Who is gone gets nothing, whatever it is; an action that is not live does nothing.
    """
    if action is not None:
        placed = placing.place(action=action, customer_ids=[customer_id], reason=reason, at=at)
        found = placed[customer_id]
        return "" if found.is_treated else found.why
    if of_store(store().folder).among([customer_id]):
        return ERASED
    return "global" if actions.in_global_control(customer_id, at) else ""


def _record(actor: Person | None, task: Task, request: HttpRequest | None) -> None:
    audit(
        actor=actor,
        action="act.task.held_out" if task.state == State.HELD else "act.task.opened",
        target=f"customer {task.customer_id}",
        after={
            "task": task.pk,
            "title": task.title,
            "owner": task.owner_id,
            "due_on": task.due_on.isoformat(),
            "source": task.source,
        },
        request=request,
    )
