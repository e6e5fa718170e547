"""Personas people name, of which each run is told, and each publication says which is which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.journey.models import Persona
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.queries import Published, published

type Row = dict[str, Any]

KNOWN, FOUND = "known_personas", "persona_kinds"
UNNAMED_TOLD = 24
"""How many of those without a name a run looks for; of others it only keeps the key free."""


def personas() -> QuerySet[Persona]:
    """List all that were ever found and accepted, the named ones first."""
    return Persona.objects.order_by(F("named_at").asc(nulls_last=True), "pk")


def named() -> dict[str, Persona]:
    """Give those that have a name, by their key."""
    return {one.persona: one for one in personas().exclude(name="").select_related("named_by")}


def name_persona(
    *, actor: Person, persona: str, values: Mapping[str, str], request: HttpRequest | None = None
) -> Persona | None:
    """Name a persona as it is today, or take its name off; None where there is no such persona."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        kept = Persona.objects.select_for_update().filter(persona=persona).first()
        if kept is None or (values["name"] and kept.retired_on):
            return None
        before = kept.values
        for name, value in values.items():
            setattr(kept, name, value)
        said = bool(kept.name)
        kept.named_by, kept.named_at = (actor, timezone.now()) if said else (None, None)
        _told_by(kept, published())
        kept.save()
        audit(
            actor=actor,
            action="know.personas.named" if said else "know.personas.unnamed",
            target=str(kept),
            before=before,
            after=kept.values,
            request=request,
        )
    return kept


def _told_by(kept: Persona, state: Published | None) -> None:
    """Let a persona be what it is in the newest publication."""
    row = {} if state is None else _found(state).get(kept.persona, {})
    if state is None or row.get("kind") is None:
        return
    model = _models(state)[kept.basis]
    kept.kind, kept.traits, kept.parameters = row["kind"], model["traits"], model["parameters"]
    kept.overlap = None


def keep_personas(publication: Publication) -> None:
    """Keep which personas a publication has found, and which of those known it has not."""
    state, day = Published(publication), publication.as_of
    if not state.has(FOUND) or day is None:
        return
    models, found = _models(state), _found(state)
    with transaction.atomic():
        known = {one.persona: one for one in Persona.objects.select_for_update()}
        for key, row in found.items():
            if row["kind"] is None:
                _retired(known.get(key), row, day)
            elif models[row["basis"]]["status"] == "accepted":
                _seen(known.get(key), row, models[row["basis"]], day)


def _found(state: Published) -> dict[str, Row]:
    rows = state.table(FOUND).to_pylist() if state.has(FOUND) else []
    return {row["persona"]: row for row in rows}


def _models(state: Published) -> dict[str, Row]:
    return {row["basis"]: row for row in state.table("persona_model").to_pylist()}


def _seen(kept: Persona | None, row: Row, model: Row, day: date) -> None:
    one = kept or Persona(persona=row["persona"], basis=row["basis"])
    if not one.name:
        one.kind, one.traits, one.parameters = row["kind"], model["traits"], model["parameters"]
    if one.name and one.retired_on:
        audit(actor=None, action="know.personas.returned", target=str(one), after=one.values)
    one.seen_on, one.overlap = day, row["overlap"]
    one.retired_on, one.nearest = None, ""
    one.save()


def _retired(kept: Persona | None, row: Row, day: date) -> None:
    if kept is None:
        return
    told = {"overlap": row["overlap"], "nearest": row["nearest"] or ""}
    if kept.name and not kept.retired_on:
        after = kept.values | told
        audit(actor=None, action="know.personas.retired", target=str(kept), after=after)
    kept.overlap, kept.nearest = told["overlap"], told["nearest"]
    kept.retired_on = kept.retired_on or day
    kept.save()


def give_personas(store: Store) -> None:
    """Write the personas known so far to the store, where they have changed."""
    table = pa.Table.from_pylist(_rows(), schema=arrow_schema(KNOWN))
    if KNOWN not in store.names():
        if table.num_rows:
            store.write(KNOWN, table)
    elif not store.read(KNOWN).equals(table):
        store.write(KNOWN, table)


def _rows() -> list[Row]:
    unnamed = Persona.objects.filter(name="").order_by("-seen_on", "-pk")
    told = set(unnamed.values_list("pk", flat=True)[:UNNAMED_TOLD])
    return [_row(one, told) for one in Persona.objects.order_by("pk")]


def _row(one: Persona, told: set[int]) -> Row:
    row = {"persona": one.persona, "basis": one.basis, "is_named": bool(one.name)}
    if not one.name and one.pk not in told:
        return row
    return row | {"kind": one.kind, "traits": one.traits, "parameters": one.parameters}
