"""Whose a task is, who stands in, and what it says: changed by whoever does it, or a manager."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.tasks.models import State, Task
from kizuna.web.act.tasks.services.doing import ChangedMeanwhileError, EndedError, locked

KEPT = ("title", "body", "owner", "cover", "due_on", "planned_minutes")
MOST = 1_000
"""Tasks that are handed over at once."""


class NobodyError(Exception):
    """Raised where whoever is to do it does not work here, or may only look."""


def change(
    *,
    actor: Person,
    task_id: int,
    version: int,
    said: dict[str, Any],
    request: HttpRequest | None = None,
) -> Task:
    """Change an open task, if it is still at the version that was seen."""
    with transaction.atomic():
        task = locked(actor, task_id)
        if task.version != version:
            raise ChangedMeanwhileError
        if task.state != State.OPEN:
            raise EndedError
        _must_work(said.get("owner"), said.get("cover"))
        before = _kept(task)
        for name in KEPT:
            if name in said:
                setattr(task, name, said[name])
        if task.owner_id is None or task.cover_id == task.owner_id:
            task.cover = None
        task.version = version + 1
        task.save()
        audit(
            actor=actor,
            action="act.task.changed",
            target=f"customer {task.customer_id}",
            before={"task": task.pk, **before},
            after={"task": task.pk, **_kept(task)},
            request=request,
        )
    return task


def assign(
    *,
    actor: Person,
    task_ids: Sequence[int],
    owner: Person | None,
    request: HttpRequest | None = None,
) -> int:
    """Hand over tasks that are open; give how many changed hands. Whose they are stays on record.

    Managers hand over any; members take those of nobody, and give away their own.
    """
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    _must_work(owner)
    with transaction.atomic():
        chosen = Task.objects.select_for_update().filter(pk__in=list(task_ids)[:MOST])
        moved = [t for t in chosen.filter(state=State.OPEN).order_by("pk") if _moves(t, owner)]
        if any(not _may_hand_over(actor, task) for task in moved):
            raise PermissionDenied
        before = {str(task.pk): task.owner_id for task in moved}
        for task in moved:
            task.owner, task.cover = owner, None
            task.version += 1
        Task.objects.bulk_update(moved, ["owner", "cover", "version"])
        if moved:
            audit(
                actor=actor,
                action="act.task.assigned",
                target=f"{len(moved)} tasks",
                before={"owner": before},
                after={"owner": owner and owner.pk},
                request=request,
            )
    return len(moved)


def _moves(task: Task, owner: Person | None) -> bool:
    return bool(task.owner_id != (owner and owner.pk))


def _may_hand_over(actor: Person, task: Task) -> bool:
    return actor.may(Role.MANAGER) or task.owner_id in (None, actor.pk)


def _must_work(*people: Person | None) -> None:
    if any(person is not None and not person.may(Role.MEMBER) for person in people):
        raise NobodyError


def _kept(task: Task) -> dict[str, Any]:
    return {
        "title": task.title,
        "body": task.body,
        "owner": task.owner_id,
        "cover": task.cover_id,
        "due_on": task.due_on.isoformat(),
        "planned_minutes": task.planned_minutes,
    }
