"""Owner, parent and the organisation's own fields: one record, one version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.profiles import queries
from kizuna.web.know.profiles.models import Change, Field, FieldValue, Profile

DEEPEST = 20
"""Accounts above one another."""


class ChangedMeanwhileError(Exception):
    """Raised where someone else has changed the record since it was read; nothing is written."""


class NotAParentError(Exception):
    """Raised where a customer cannot belong to another; the message says why."""


def save(
    *,
    actor: Person,
    customer_id: str,
    version: int,
    owner: Person | None,
    parent_id: str,
    values: Mapping[int, Any],
    request: HttpRequest | None = None,
) -> Profile:
    """Change a profile, if it is still at the version that the person has seen."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        profile = _locked(customer_id)
        if profile.version != version:
            raise ChangedMeanwhileError
        before = said(profile, queries.fields())
        _check_parent(customer_id, parent_id)
        profile.owner, profile.parent_id = owner, parent_id or None
        _keep(customer_id, values)
        after = said(profile, queries.fields())
        if after != before:
            _changed(profile, actor, before, after)
            audit(
                actor=actor,
                action="know.profile.changed",
                target=f"customer {customer_id}",
                before=before,
                after=after,
                request=request,
            )
    return profile


def give_owner(*, actor: Person, customer_ids: Sequence[str], owner: Person | None) -> None:
    """Give customers an owner; for a bulk action, which checks and records it as a whole."""
    missing = set(customer_ids) - set(
        Profile.objects.filter(pk__in=customer_ids).values_list("pk", flat=True)
    )
    new = [Profile(customer_id=customer_id) for customer_id in missing]
    Profile.objects.bulk_create(new, ignore_conflicts=True)
    others = Profile.objects.select_for_update(of=("self",)).filter(pk__in=customer_ids)
    profiles = [p for p in others.select_related("owner") if p.owner_id != (owner and owner.pk)]
    changes = [_given(profile, actor, owner) for profile in profiles]
    Change.objects.bulk_create(changes)
    Profile.objects.bulk_update(profiles, ["owner", "version"], batch_size=250)


def said(profile: Profile, known: Sequence[Field]) -> dict[str, Any]:
    """Write a profile with names that people know."""
    kept = queries.values(profile.customer_id, known)
    named = {field.name: _plain(kept.get(field.pk)) for field in known}
    owner = profile.owner.name if profile.owner else None
    return {"owner": owner, "parent_id": profile.parent_id, "fields": named}


def _given(profile: Profile, actor: Person, owner: Person | None) -> Change:
    before = profile.owner.name if profile.owner else None
    profile.owner, profile.version = owner, profile.version + 1
    return Change(
        customer_id=profile.customer_id,
        person=actor,
        version=profile.version,
        before={"owner": before},
        after={"owner": owner.name if owner else None},
    )


def _locked(customer_id: str) -> Profile:
    Profile.objects.bulk_create([Profile(customer_id=customer_id)], ignore_conflicts=True)
    found = Profile.objects.select_for_update(of=("self",)).select_related("owner")
    return found.get(pk=customer_id)


def _changed(
    profile: Profile, actor: Person, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    profile.version += 1
    profile.save(update_fields=["owner", "parent_id", "version"])
    Change.objects.create(
        customer_id=profile.customer_id,
        person=actor,
        version=profile.version,
        before=before,
        after=after,
    )


def _keep(customer_id: str, values: Mapping[int, Any]) -> None:
    known = {field.pk: field for field in queries.fields()}
    for pk in values.keys() & known.keys():
        column, value = queries.column_of(known[pk]), values[pk]
        if value is None:
            FieldValue.objects.filter(customer_id=customer_id, field=pk).delete()
        else:
            FieldValue.objects.update_or_create(
                customer_id=customer_id, field=known[pk], defaults={column: value}
            )


def _check_parent(customer_id: str, parent_id: str) -> None:
    """Refuse a parent that is not known, or that already belongs to this customer."""
    above: str | None = parent_id
    facts = apps.get_model("customers", "CustomerFact")._default_manager
    if parent_id and not facts.filter(pk=parent_id).exists():
        raise NotAParentError(_("No customer has this id."))
    for _step in range(DEEPEST):
        if not above:
            return
        if above == customer_id:
            raise NotAParentError(_("That account belongs to this one already."))
        above = queries.parent_of(above)
    raise NotAParentError(_("Too many accounts above one another."))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
