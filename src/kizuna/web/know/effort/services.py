"""Writes: calendars and promises; each checks, changes, records and asks for new figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.effort.models import ServiceCalendar, ServiceTarget
from kizuna.web.know.publications import queries as publications
from kizuna.web.know.publications.services import refresh


class NameTakenError(ValueError):
    """Another one has this name."""


class InUseError(ValueError):
    """A promise is counted in this calendar."""


def save_calendar(
    *,
    actor: Person,
    values: Mapping[str, Any],
    pk: int | None = None,
    request: HttpRequest | None = None,
) -> ServiceCalendar:
    """Keep a calendar, a new one or one that is there."""
    return _save(ServiceCalendar, actor, values, pk, request)


def save_target(
    *,
    actor: Person,
    values: Mapping[str, Any],
    pk: int | None = None,
    request: HttpRequest | None = None,
) -> ServiceTarget:
    """Keep a promise, a new one or one that is there."""
    return _save(ServiceTarget, actor, values, pk, request)


def remove_calendar(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Let a calendar go that no promise is counted in; one that is gone already stays gone."""
    try:
        _remove(ServiceCalendar, actor, pk, request)
    except ProtectedError as error:
        raise InUseError(str(pk)) from error


def remove_target(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Let a promise go; one that is gone already stays gone."""
    _remove(ServiceTarget, actor, pk, request)


def _save[M: (ServiceCalendar, ServiceTarget)](
    model: type[M],
    actor: Person,
    values: Mapping[str, Any],
    pk: int | None,
    request: HttpRequest | None,
) -> M:
    _permitted(actor)
    try:
        with transaction.atomic():
            kept = model() if pk is None else model.objects.select_for_update().get(pk=pk)
            before = None if pk is None else kept.values
            for name, value in values.items():
                setattr(kept, name, value)
            kept.save()
            audit(
                actor=actor,
                action=f"know.{model._meta.model_name}.saved",
                target=str(kept),
                before=before,
                after=kept.values,
                request=request,
            )
            _computed_anew(actor)
    except IntegrityError as error:
        others = model.objects.filter(name=values["name"]).values_list("pk", flat=True)
        raise NameTakenError(values["name"]) if set(others) - {pk} else error from error
    return kept


def _remove(
    model: type[ServiceCalendar] | type[ServiceTarget],
    actor: Person,
    pk: int,
    request: HttpRequest | None,
) -> None:
    _permitted(actor)
    with transaction.atomic():
        kept = model.objects.select_for_update().filter(pk=pk).first()
        if kept is None:
            return
        before, target = kept.values, str(kept)
        kept.delete()
        audit(
            actor=actor,
            action=f"know.{model._meta.model_name}.removed",
            target=target,
            before=before,
            request=request,
        )
        _computed_anew(actor)


def _computed_anew(actor: Person) -> None:
    """Ask for figures by the new settings, where there are any figures."""
    if publications.published() is not None:
        refresh(actor=actor)


def _permitted(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
