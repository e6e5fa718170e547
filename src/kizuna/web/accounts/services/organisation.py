"""How the organisation counts: changed by managers, on record, and told to whoever counts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.hooks import COUNTED_OTHERWISE_HOOKS
from kizuna.web.accounts.models import Organisation, Person, Role
from kizuna.web.accounts.queries import organisation
from kizuna.web.accounts.services.trail import audit

FIELDS = ("name", "fiscal_year_start", "margin", "horizon_days", "discount")
COUNTED = frozenset({"margin", "horizon_days", "discount"})
"""What the figures depend on."""


class ChangedMeanwhileError(Exception):
    """Raised when somebody else changed it after the page was opened; carries what it is now."""

    def __init__(self, current: Organisation) -> None:
        super().__init__()
        self.current = current


def save_organisation(
    *,
    actor: Person,
    version: int,
    values: dict[str, Any],
    request: HttpRequest | None = None,
) -> bool:
    """Change how the organisation counts; whether figures have to be computed anew.

    `version` is the one that the person saw; of two who change it at once the second is told.
    """
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        found = _locked(version)
        before = {name: getattr(found, name) for name in FIELDS}
        changed = {name for name in FIELDS if before[name] != values[name]}
        if not changed:
            return False
        _write(found, values, actor)
        audit(
            actor=actor,
            action="accounts.organisation.changed",
            target="organisation",
            before={name: before[name] for name in sorted(changed)},
            after={name: values[name] for name in sorted(changed)},
            request=request,
        )
        if not changed & COUNTED:
            return False
        for hook in COUNTED_OTHERWISE_HOOKS:
            hook(found, actor)
    return True


def _locked(version: int) -> Organisation:
    """Give the row, made where there is none yet, if it is the one that was seen."""
    usual = {"fiscal_year_start": organisation().fiscal_year_start}
    known = Organisation.objects.select_for_update()
    found, _made = known.get_or_create(pk=Organisation.THE_ONE, defaults=usual)
    if found.version != version:
        raise ChangedMeanwhileError(found)
    return found


def _write(found: Organisation, values: dict[str, Any], actor: Person) -> None:
    for name in FIELDS:
        setattr(found, name, values[name])
    found.version += 1
    found.changed_at, found.changed_by = timezone.now(), actor
    found.save()
