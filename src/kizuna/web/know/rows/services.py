"""Writes: the record that rows left as a file."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit


def export(
    *, actor: Person, name: str, asked: Mapping[str, str], request: HttpRequest | None = None
) -> None:
    """Record that rows leave the application."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        audit(
            actor=actor,
            action="know.rows.exported",
            target=name,
            after=dict(asked),
            request=request,
        )
