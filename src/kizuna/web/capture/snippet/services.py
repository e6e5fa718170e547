"""What people do with sites: each checks the permission, changes, and records."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.snippet.models import Site


def add(*, actor: Person, said: dict[str, Any], request: HttpRequest | None = None) -> Site:
    """Take a site."""
    _must(actor)
    with transaction.atomic():
        made = Site.objects.create(**said)
        _record(actor, "added", made, request, after=said)
    return made


def change(
    *, actor: Person, pk: int, said: dict[str, Any], request: HttpRequest | None = None
) -> Site:
    """Change what is set for a site; its pages have to take the new tag over."""
    _must(actor)
    with transaction.atomic():
        found = Site.objects.select_for_update().get(pk=pk)
        before = {name: getattr(found, name) for name in said}
        for name, value in said.items():
            setattr(found, name, value)
        found.save()
        _record(actor, "changed", found, request, before=before, after=said)
    return found


def remove(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Forget a site; what it sent stays, and its key goes on until it is revoked."""
    _must(actor)
    with transaction.atomic():
        found = Site.objects.select_for_update().get(pk=pk)
        _record(actor, "removed", found, request)
        found.delete()


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _record(
    actor: Person, verb: str, found: Site, request: HttpRequest | None, **said: Any
) -> None:
    audit(actor=actor, action=f"capture.site.{verb}", target=str(found), request=request, **said)
