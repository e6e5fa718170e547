"""Who is in the team, and as what. Nobody gives more than they have; one owner always remains."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role, Session
from kizuna.web.accounts.services.trail import audit


class LastOwnerError(Exception):
    """Raised when nobody would be left who may do everything."""


def change_role(
    *, actor: Person, person_id: int, role: Role, request: HttpRequest | None = None
) -> Person:
    """Give a person another role, no higher than the actor's own."""
    with transaction.atomic():
        person = person_under(actor, person_id, giving=role)
        before = Role(person.role)
        if before is Role.OWNER and role is not Role.OWNER:
            _keep_an_owner_without(person)
        person.role = role
        person.save(update_fields=["role"])
        _record(actor, "accounts.role.changed", person, {"role": before}, {"role": role}, request)
    return person


def deactivate(*, actor: Person, person_id: int, request: HttpRequest | None = None) -> Person:
    """Let a person in no more; their sessions and keys end at once."""
    with transaction.atomic():
        person = person_under(actor, person_id)
        if person.role == Role.OWNER:
            _keep_an_owner_without(person)
        person.is_active = False
        person.save(update_fields=["is_active"])
        Session.objects.filter(person=person).delete()
        change = ({"active": True}, {"active": False})
        _record(actor, "accounts.person.deactivated", person, *change, request)
    return person


def reactivate(*, actor: Person, person_id: int, request: HttpRequest | None = None) -> Person:
    """Let a person in again."""
    with transaction.atomic():
        person = person_under(actor, person_id)
        person.is_active = True
        person.save(update_fields=["is_active"])
        change = ({"active": False}, {"active": True})
        _record(actor, "accounts.person.reactivated", person, *change, request)
    return person


def person_under(actor: Person, person_id: int, *, giving: Role = Role.VIEWER) -> Person:
    """Lock the two and all owners, always in one order; give the person if the actor may."""
    involved = Q(pk__in=[actor.pk, person_id]) | Q(role=Role.OWNER)
    locked = {
        row.pk: row for row in Person.objects.select_for_update().filter(involved).order_by("pk")
    }
    person, current = locked.get(person_id), locked[actor.pk]
    if person is None or not current.may(Role.MANAGER):
        raise PermissionDenied
    if not (current.may(Role(person.role)) and current.may(giving)):
        raise PermissionDenied
    return person


def _keep_an_owner_without(person: Person) -> None:
    others = Person.objects.filter(role=Role.OWNER, is_active=True).exclude(pk=person.pk)
    if not others.exists():
        raise LastOwnerError


def _record(
    actor: Person,
    action: str,
    person: Person,
    before: Mapping[str, object],
    after: Mapping[str, object],
    request: HttpRequest | None,
) -> None:
    audit(
        actor=actor,
        action=action,
        target=str(person.pk),
        before=before,
        after=after,
        request=request,
    )
