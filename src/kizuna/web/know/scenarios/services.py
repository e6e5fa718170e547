"""Writes: scenarios that are kept, changed and removed; each checks, changes and records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.scenarios.models import Scenario


class NameTakenError(ValueError):
    """Another scenario has this name."""


class ChangedMeanwhileError(ValueError):
    """Someone else has changed the scenario since it was read."""

    def __init__(self, now: Scenario) -> None:
        super().__init__(str(now))
        self.now = now


def save(
    *, actor: Person, name: str, values: Mapping[str, Any], request: HttpRequest | None = None
) -> Scenario:
    """Keep a scenario under a new name."""
    _permitted(actor)
    try:
        with transaction.atomic():
            made = Scenario.objects.create(name=name.strip(), created_by=actor, **values)
            after = {"name": made.name, **made.values}
            audit(
                actor=actor,
                action="know.scenario.saved",
                target=str(made),
                after=after,
                request=request,
            )
    except IntegrityError as error:
        raise _taken(name, error) from error
    return made


def change(
    *,
    actor: Person,
    pk: int,
    version: int,
    name: str,
    values: Mapping[str, Any],
    request: HttpRequest | None = None,
) -> Scenario:
    """Write over a scenario as it was read; `ChangedMeanwhileError` where it has changed since."""
    _permitted(actor)
    try:
        with transaction.atomic():
            kept = Scenario.objects.select_for_update().get(pk=pk)
            if kept.version != version:
                raise ChangedMeanwhileError(kept)
            before = {"name": kept.name, **kept.values}
            for field, value in {**values, "name": name.strip(), "version": version + 1}.items():
                setattr(kept, field, value)
            kept.save()
            audit(
                actor=actor,
                action="know.scenario.changed",
                target=str(kept),
                before=before,
                after={"name": kept.name, **kept.values},
                request=request,
            )
    except IntegrityError as error:
        raise _taken(name, error, but=pk) from error
    return kept


def remove(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Let a scenario go; one that is gone already stays gone."""
    _permitted(actor)
    with transaction.atomic():
        kept = Scenario.objects.select_for_update().filter(pk=pk).first()
        if kept is None:
            return
        before = {"name": kept.name, **kept.values}
        audit(
            actor=actor,
            action="know.scenario.removed",
            target=str(kept),
            before=before,
            request=request,
        )
        kept.delete()


def _permitted(actor: Person) -> None:
    if not actor.may(Role.MEMBER):
        raise PermissionDenied


def _taken(name: str, error: IntegrityError, but: int | None = None) -> Exception:
    """Tell a name that is taken from a value that the database refuses."""
    others = Scenario.objects.filter(name=name.strip()).values_list("pk", flat=True)
    return NameTakenError(name) if set(others) - {but} else error
