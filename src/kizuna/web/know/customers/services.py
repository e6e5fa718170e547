"""Writes: the record of an export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import ApiKey, Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.interface.limits import is_due


def export(
    *,
    actor: Person,
    filters: Mapping[str, Any],
    chosen: Sequence[str] = (),
    request: HttpRequest | None = None,
) -> None:
    """Record that a list of customers leaves the application."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        said: dict[str, Any] = {"filters": {n: str(v) for n, v in filters.items() if v}}
        said |= {"chosen": list(chosen)} if chosen else {}
        audit(
            actor=actor,
            action="know.customers.exported",
            target="customers",
            after=said,
            request=request,
        )


def walked(*, key: ApiKey, filters: Mapping[str, Any], request: HttpRequest) -> None:
    """Record, once an hour, that a program reads the list on and on: that is an export too."""
    if not key.person.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        if is_due(key=key, now=timezone.now()):
            said = {"filters": {n: str(v) for n, v in filters.items()}, "key": key.name}
            audit(
                actor=key.person,
                action="know.customers.exported",
                target="customers",
                after=said,
                request=request,
            )
