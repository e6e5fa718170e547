"""What people do with write keys: each checks the permission, changes, and records."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.ingest.keyring import digest
from kizuna.web.capture.ingest.models import PER_SECOND, Kind, WriteKey

MARKS: Final = {Kind.SERVER: "kwk_", Kind.BROWSER: "kwb_"}


def make_key(
    *,
    actor: Person,
    name: str,
    kind: Kind,
    origins: Iterable[str] = (),
    per_second: int = PER_SECOND,
    request: HttpRequest | None = None,
) -> tuple[WriteKey, str]:
    """Make a write key; its text is given this once."""
    _must(actor)
    text = MARKS[Kind(kind)] + secrets.token_urlsafe(32)
    said = {"name": name, "kind": str(kind), "origins": list(origins), "per_second": per_second}
    with transaction.atomic():
        key = WriteKey.objects.create(
            **said,
            start=text[:12],
            digest=digest(text).hex(),
            person=actor,
            made_at=timezone.now(),
        )
        audit(
            actor=actor,
            action="capture.write_key.made",
            target=str(key),
            after=said,
            request=request,
        )
    return key, text


def revoke_key(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """End a key; within a second nothing is taken by it any more."""
    _must(actor)
    with transaction.atomic():
        key = WriteKey.objects.select_for_update().get(pk=pk)
        if key.revoked_at is None:
            key.revoked_at = timezone.now()
            key.save(update_fields=["revoked_at"])
            audit(
                actor=actor,
                action="capture.write_key.revoked",
                target=str(key),
                request=request,
            )


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
