"""How much time people have for tasks, and who stands in while they are away."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.tasks.models import Absence, WorkingTime


def set_minutes(
    *, actor: Person, person: Person, minutes: int, request: HttpRequest | None = None
) -> WorkingTime:
    """Say how many minutes a business day somebody has for tasks: oneself, or a manager says it."""
    _must(actor, person)
    with transaction.atomic():
        kept, _made = WorkingTime.objects.select_for_update().get_or_create(person=person)
        before, kept.minutes_a_day = kept.minutes_a_day, minutes
        kept.save()
        said = {"before": {"minutes_a_day": before}, "after": {"minutes_a_day": minutes}}
        _record(actor, "working_time.changed", person, request, **said)
    return kept


def be_away(
    *,
    actor: Person,
    person: Person,
    cover: Person,
    from_on: date,
    until_on: date,
    request: HttpRequest | None = None,
) -> Absence:
    """Say that somebody is away and who stands in meanwhile; tasks keep their owner."""
    _must(actor, person)
    if cover == person or not cover.may(Role.MEMBER):
        raise ValueError("whoever stands in is somebody else who may do tasks")
    with transaction.atomic():
        made = Absence.objects.create(
            person=person, cover=cover, from_on=from_on, until_on=until_on
        )
        said = {"cover": cover.pk, "from_on": str(from_on), "until_on": str(until_on)}
        _record(actor, "absence.added", person, request, after=said)
    return made


def be_back(*, actor: Person, absence_id: int, request: HttpRequest | None = None) -> None:
    """Take an absence back; one that is gone already stays gone."""
    with transaction.atomic():
        found = Absence.objects.select_related("person").filter(pk=absence_id).first()
        if found is None:
            return
        _must(actor, found.person)
        said = {"from_on": str(found.from_on), "until_on": str(found.until_on)}
        _record(actor, "absence.removed", found.person, request, before=said)
        found.delete()


def _must(actor: Person, person: Person) -> None:
    allowed = Role.MEMBER if actor == person else Role.MANAGER
    if not actor.may(allowed) or not person.may(Role.MEMBER):
        raise PermissionDenied


def _record(
    actor: Person, verb: str, person: Person, request: HttpRequest | None, **said: Any
) -> None:
    audit(actor=actor, action=f"act.{verb}", target=f"person {person.pk}", request=request, **said)
