"""The dictionary of themes: read it, change it, and see who changed what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.pipeline.know.voice_themes import packaged
from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.publications import queries as publications
from kizuna.web.know.publications.services import refresh
from kizuna.web.know.voice.models import ThemeWords
from kizuna.web.know.voice.services import ChangedMeanwhileError

ACTION = "know.voice.theme_"
SHOWN = 20


def themes() -> list[ThemeWords]:
    """List the themes: the company's own, or else the packaged ones, which are not kept."""
    return list(ThemeWords.objects.order_by("pk")) or _packaged()


def theme(key: str) -> ThemeWords | None:
    """Give a theme."""
    return next((one for one in themes() if one.theme == key), None)


def history(key: str) -> Sequence[AuditEntry]:
    """List who changed a theme last."""
    entries = AuditEntry.objects.filter(target=f"theme {key}", action__startswith=ACTION)
    return list(entries.select_related("actor").order_by("-pk")[:SHOWN])


def save_theme(
    *,
    actor: Person,
    key: str | None,
    version: int,
    values: Mapping[str, Any],
    request: HttpRequest | None = None,
) -> ThemeWords:
    """Keep a theme, a new one or one as it was read; the packaged ones become the company's own."""
    _permitted(actor)
    with transaction.atomic():
        _own()
        if key is None:
            kept, before = ThemeWords(theme=uuid4().hex[:12], version=0), None
        else:
            kept = ThemeWords.objects.select_for_update().get(theme=key)
            before = kept.values
            if kept.version != version:
                raise ChangedMeanwhileError(str(kept))
        for name, value in {**values, "version": kept.version + 1}.items():
            setattr(kept, name, value)
        kept.save()
        _recorded(actor, "saved", kept, before, kept.values, request)
    return kept


def remove_theme(*, actor: Person, key: str, request: HttpRequest | None = None) -> None:
    """Let a theme go; without any left the packaged ones stand again."""
    _permitted(actor)
    with transaction.atomic():
        _own()
        kept = ThemeWords.objects.select_for_update().filter(theme=key).first()
        if kept is None:
            return
        _recorded(actor, "removed", kept, kept.values, None, request)
        kept.delete()


def _own() -> None:
    """Make the packaged themes the company's own, where it has none."""
    if not ThemeWords.objects.exists():
        ThemeWords.objects.bulk_create(_packaged())


def _packaged() -> list[ThemeWords]:
    return [ThemeWords(**row) for row in packaged().to_pylist()]


def _recorded(
    actor: Person,
    what: str,
    kept: ThemeWords,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    request: HttpRequest | None,
) -> None:
    """Record a change, and ask for figures by it where there are any."""
    audit(
        actor=actor,
        action=ACTION + what,
        target=str(kept),
        before=before,
        after=after,
        request=request,
    )
    if publications.published() is not None:
        refresh(actor=actor)


def _permitted(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
