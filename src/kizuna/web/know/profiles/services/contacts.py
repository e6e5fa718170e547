"""People at a customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.profiles.models import Contact
from kizuna.web.know.profiles.services.details import ChangedMeanwhileError

SAID = ("name", "name_kana", "role", "title", "email", "phone")


def add(
    *,
    actor: Person,
    customer_id: str,
    said: Mapping[str, Any],
    request: HttpRequest | None = None,
) -> Contact:
    """Add someone."""
    _members_only(actor)
    with transaction.atomic():
        given = {name: said[name] for name in SAID}
        contact = Contact.objects.create(customer_id=customer_id, changed_by=actor, **given)
        _record(actor, "added", contact, None, request)
    return contact


def change(
    *,
    actor: Person,
    contact_id: int,
    version: int,
    said: Mapping[str, Any],
    request: HttpRequest | None = None,
) -> Contact:
    """Change someone, if they are still at the version that the person has seen."""
    _members_only(actor)
    with transaction.atomic():
        contact = Contact.objects.select_for_update().get(pk=contact_id)
        if contact.version != version:
            raise ChangedMeanwhileError
        before = as_said(contact)
        for name in SAID:
            setattr(contact, name, said[name])
        contact.version, contact.changed_by = version + 1, actor
        contact.changed_at = timezone.now()
        contact.save()
        _record(actor, "changed", contact, before, request)
    return contact


def remove(*, actor: Person, contact_id: int, request: HttpRequest | None = None) -> str:
    """Take someone out; give whose contact it was."""
    _members_only(actor)
    with transaction.atomic():
        contact = Contact.objects.select_for_update().get(pk=contact_id)
        _record(actor, "removed", contact, as_said(contact), request)
        contact.delete()
    return contact.customer_id


def as_said(contact: Contact) -> dict[str, Any]:
    """Write a contact as its form has it."""
    return {name: getattr(contact, name) for name in SAID}


def _members_only(actor: Person) -> None:
    if not actor.may(Role.MEMBER):
        raise PermissionDenied


def _record(
    actor: Person,
    verb: str,
    contact: Contact,
    before: Mapping[str, Any] | None,
    request: HttpRequest | None,
) -> None:
    audit(
        actor=actor,
        action=f"know.contact.{verb}",
        target=f"customer {contact.customer_id}",
        before=before,
        after=None if verb == "removed" else as_said(contact),
        request=request,
    )
