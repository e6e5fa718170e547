"""Writes: design touchpoints, go back to the preset; give them to each run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pyarrow as pa
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.pipeline.know.journey_touchpoints import preset
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.journey.models import DESIGN, Touchpoint
from kizuna.web.know.publications import queries as publications
from kizuna.web.know.publications.services import refresh

OWN = "own_touchpoints"


def design(*, actor: Person, kind: str, request: HttpRequest | None = None) -> None:
    """Make the preset of a kind of company ('shop', 'saas') one's own; nothing where one has."""
    _permitted(actor)
    with transaction.atomic():
        if Touchpoint.objects.exists():
            return
        rows = preset(kind)
        made = [Touchpoint(**{name: row[name] for name in DESIGN}) for row in rows]
        Touchpoint.objects.bulk_create(made)
        audit(
            actor=actor,
            action="know.journey.designed",
            target=kind,
            after={"touchpoints": len(made)},
            request=request,
        )


def save_touchpoint(
    *,
    actor: Person,
    values: Mapping[str, Any],
    pk: int | None = None,
    request: HttpRequest | None = None,
) -> Touchpoint:
    """Keep a touchpoint, a new one or one that is there."""
    _permitted(actor)
    with transaction.atomic():
        if pk is None:
            kept, before = Touchpoint(touchpoint=uuid4().hex[:12]), None
        else:
            kept = Touchpoint.objects.select_for_update().get(pk=pk)
            before = kept.values
        for name, value in values.items():
            setattr(kept, name, value)
        kept.save()
        audit(
            actor=actor,
            action="know.journey.touchpoint_saved",
            target=str(kept),
            before=before,
            after=kept.values,
            request=request,
        )
        _computed_anew(actor)
    return kept


def remove_touchpoint(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Take a touchpoint off the journey; without any the preset stands in again."""
    _permitted(actor)
    with transaction.atomic():
        kept = Touchpoint.objects.select_for_update().filter(pk=pk).first()
        if kept is None:
            return
        before, target = kept.values, str(kept)
        kept.delete()
        audit(
            actor=actor,
            action="know.journey.touchpoint_removed",
            target=target,
            before=before,
            request=request,
        )
        _computed_anew(actor)


def give_touchpoints(store: Store) -> None:
    """Write the design to the store, where it has changed."""
    rows = [one.values for one in Touchpoint.objects.order_by("place", "pk")]
    table = pa.Table.from_pylist(rows, schema=arrow_schema(OWN))
    if OWN not in store.names():
        if rows:
            store.write(OWN, table)
    elif not store.read(OWN).equals(table):
        store.write(OWN, table)


def _permitted(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _computed_anew(actor: Person) -> None:
    """Ask for a map by the new design, where there is one."""
    if publications.published() is not None:
        refresh(actor=actor)
