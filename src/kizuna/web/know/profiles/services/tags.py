"""Tags: on one customer by a person, on many by a bulk action that is recorded as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.profiles.folding import folded
from kizuna.web.know.profiles.models import Tag, Tagged


def add_tag(
    *, actor: Person, customer_id: str, name: str, request: HttpRequest | None = None
) -> None:
    """Put a tag on a customer; one that is there already stays."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        tag = tag_named(name)
        _on, made = Tagged.objects.get_or_create(tag=tag, customer_id=customer_id)
        if made:
            _record(actor, "added", customer_id, tag, request)


def remove_tag(
    *, actor: Person, customer_id: str, tag_id: int, request: HttpRequest | None = None
) -> None:
    """Take a tag off a customer."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        tag = Tag.objects.filter(pk=tag_id).first()
        if tag and Tagged.objects.filter(tag=tag, customer_id=customer_id).delete()[0]:
            _record(actor, "removed", customer_id, tag, request)


def delete_tag(*, actor: Person, tag_id: int, request: HttpRequest | None = None) -> None:
    """Let a tag go, wherever it is."""
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        tag = Tag.objects.filter(pk=tag_id).first()
        if tag is None:
            return
        before = {"tag": tag.name, "customers": Tagged.objects.filter(tag=tag).count()}
        audit(
            actor=actor,
            action="know.tag.deleted",
            target=f"tag {tag_id}",
            before=before,
            request=request,
        )
        Tagged.objects.filter(tag=tag)._raw_delete("default")
        tag.delete()


def tag_named(name: str) -> Tag:
    """Give the tag of a name, whatever its width or case; a new one where there is none."""
    text = " ".join(name.split())
    return Tag.objects.get_or_create(folded=folded(text)[:120], defaults={"name": text[:60]})[0]


def put(*, tag: Tag, customer_ids: Sequence[str]) -> None:
    """Put a tag on customers who have it not; for a bulk action, which checks and records."""
    rows = [Tagged(tag=tag, customer_id=customer_id) for customer_id in customer_ids]
    Tagged.objects.bulk_create(rows, ignore_conflicts=True)


def take(*, tag: Tag, customer_ids: Sequence[str]) -> None:
    """Take a tag off customers; for a bulk action, which checks and records."""
    Tagged.objects.filter(tag=tag, customer_id__in=customer_ids).delete()


def _record(
    actor: Person, verb: str, customer_id: str, tag: Tag, request: HttpRequest | None
) -> None:
    audit(
        actor=actor,
        action=f"know.tag.{verb}",
        target=f"customer {customer_id}",
        after={"tag": tag.name},
        request=request,
    )
