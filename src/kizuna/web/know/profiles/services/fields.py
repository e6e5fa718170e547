"""Fields of the organisation's own: managers say which there are."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.profiles.folding import folded
from kizuna.web.know.profiles.models import Field, FieldKind


class NameTakenError(Exception):
    """Raised where there is a field of this name already, perhaps one that is archived."""


def make(
    *,
    actor: Person,
    name: str,
    kind: FieldKind,
    choices: Sequence[str] = (),
    request: HttpRequest | None = None,
) -> Field:
    """Make a field."""
    _managers_only(actor)
    text = " ".join(name.split())
    with transaction.atomic():
        field, made = Field.objects.get_or_create(
            folded=folded(text)[:160],
            defaults={"name": text, "kind": kind, "choices": list(choices)},
        )
        if not made:
            raise NameTakenError
        after = {"name": text, "kind": kind, "choices": list(choices)}
        audit(
            actor=actor,
            action="know.field.made",
            target=f"field {field.pk}",
            after=after,
            request=request,
        )
    return field


def archive(
    *, actor: Person, field_id: int, back: bool = False, request: HttpRequest | None = None
) -> None:
    """Show a field no more, or again; what it holds is kept."""
    _managers_only(actor)
    moment = None if back else timezone.now()
    with transaction.atomic():
        if Field.objects.filter(pk=field_id).update(archived_at=moment):
            verb = "brought_back" if back else "archived"
            target = f"field {field_id}"
            audit(actor=actor, action=f"know.field.{verb}", target=target, request=request)


def _managers_only(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
