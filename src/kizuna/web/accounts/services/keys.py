"""Keys of the programming interface: shown once, kept as a digest, ended at any moment."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import InternalError, OperationalError, transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import ApiKey, Person, Role, Scope
from kizuna.web.accounts.services.trail import audit

MARK = "kizuna_"
NOTED_EVERY = timedelta(minutes=1)


def make_key(
    *, actor: Person, name: str, scopes: Iterable[Scope], request: HttpRequest | None = None
) -> tuple[ApiKey, str]:
    """Make a key that may do no more than the actor; its text is given this once."""
    wanted = [Scope(scope) for scope in scopes]
    if not actor.may(Role.MEMBER) or not all(actor.may(scope.role) for scope in wanted):
        raise PermissionDenied
    text = MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        key = ApiKey.objects.create(
            person=actor, name=name, start=text[:12], digest=_digest(text), scopes=wanted
        )
        audit(
            actor=actor,
            action="accounts.key.made",
            target=str(key.pk),
            after={"name": name, "scopes": wanted},
            request=request,
        )
    return key, text


def revoke_key(*, actor: Person, key_id: int, request: HttpRequest | None = None) -> None:
    """End a key: one's own, or, for a manager, one of somebody no higher."""
    with transaction.atomic():
        key = ApiKey.objects.filter(pk=key_id).select_related("person").first()
        if key is None or not _may_revoke(actor, key):
            raise PermissionDenied
        if ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=timezone.now()):
            audit(actor=actor, action="accounts.key.revoked", target=str(key.pk), request=request)


def key_of(*, text: str) -> ApiKey | None:
    """Give the living key that a program brings, and note that it was used."""
    key = (
        ApiKey.objects.filter(digest=_digest(text), revoked_at=None, person__is_active=True)
        .select_related("person")
        .first()
    )
    now = timezone.now()
    if key is not None and (key.used_at is None or now - key.used_at > NOTED_EVERY):
        # where nothing can be written, what can be read is still read
        with suppress(OperationalError, InternalError):
            ApiKey.objects.filter(pk=key.pk).update(used_at=now)
    return key


def _may_revoke(actor: Person, key: ApiKey) -> bool:
    if key.person_id == actor.pk:
        return actor.is_active
    return actor.may(Role.MANAGER) and actor.may(Role(key.person.role))


def _digest(text: str) -> str:
    # 256 random bits need no slow hash
    return hashlib.sha256(text.encode()).hexdigest()
