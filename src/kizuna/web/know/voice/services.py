"""Writes: confirm what a comment is about; open, change and remove gaps in service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.voice.models import Gap, Label


class ChangedMeanwhileError(ValueError):
    """Someone else has changed the gap since it was read."""


def label(
    *,
    actor: Person,
    customer_id: str,
    comment_id: str,
    theme: str,
    holds: bool,
    request: HttpRequest | None = None,
) -> Label:
    """Say whether a comment is about a theme; the next run learns from it."""
    _permitted(actor)
    with transaction.atomic():
        made, _new = Label.objects.update_or_create(
            customer_id=customer_id,
            comment_id=comment_id,
            theme=theme,
            defaults={"holds": holds, "labelled_by": actor},
        )
        after = {"comment": comment_id, "theme": theme, "holds": holds}
        audit(
            actor=actor,
            action="know.voice.labelled",
            target=str(made),
            after=after,
            request=request,
        )
    return made


def open_gap(
    *, actor: Person, values: Mapping[str, Any], request: HttpRequest | None = None
) -> Gap:
    """Put a gap on the register."""
    _permitted(actor)
    with transaction.atomic():
        made = Gap.objects.create(**values)
        audit(
            actor=actor,
            action="know.voice.gap_opened",
            target=str(made),
            after=made.values,
            request=request,
        )
    return made


def change_gap(
    *,
    actor: Person,
    pk: int,
    version: int,
    values: Mapping[str, Any],
    request: HttpRequest | None = None,
) -> Gap:
    """Change a gap as it was read; `ChangedMeanwhileError` where it has changed since."""
    _permitted(actor)
    with transaction.atomic():
        kept = Gap.objects.select_for_update().get(pk=pk)
        if kept.version != version:
            raise ChangedMeanwhileError(str(kept))
        before = kept.values
        for name, value in {**values, "version": version + 1}.items():
            setattr(kept, name, value)
        kept.save()
        audit(
            actor=actor,
            action="know.voice.gap_changed",
            target=str(kept),
            before=before,
            after=kept.values,
            request=request,
        )
    return kept


def remove_gap(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Take a gap off the register; one that is gone already stays gone."""
    _permitted(actor)
    with transaction.atomic():
        kept = Gap.objects.select_for_update().filter(pk=pk).first()
        if kept is None:
            return
        audit(
            actor=actor,
            action="know.voice.gap_removed",
            target=str(kept),
            before=kept.values,
            request=request,
        )
        kept.delete()


def _permitted(actor: Person) -> None:
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
