"""Stages that people set: kept as versions, checked before, given to each run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import slugify

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know import lifecycle_stages
from kizuna.pipeline.know.lifecycle_stages import KEY, Stage
from kizuna.pipeline.parameters import minor_units
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.publications.queries import published
from kizuna.web.know.publications.services import refresh
from kizuna.web.know.segments.models import StageList

type Row = dict[str, Any]

OWN = "own_stages"
MOST = 12


class StagesChangedMeanwhileError(ValueError):
    """Someone else has set the stages since they were read."""


def newest() -> StageList | None:
    """Give the version that counts; None where nobody ever set one."""
    return StageList.objects.select_related("by").order_by("-number").first()


def versions() -> list[StageList]:
    """List the versions, the newest first."""
    return list(StageList.objects.select_related("by").order_by("-number")[:20])


def number_of(kept: StageList | None) -> int:
    """Give the number of a version; 0 is the preset before anybody set one."""
    return kept.number if kept else 0


def as_stages(rows: Sequence[Row]) -> tuple[Stage, ...]:
    """Read rows as stages, in the order in which they stand."""
    return lifecycle_stages.own_stages([{**row, "place": at} for at, row in enumerate(rows, 1)])


def in_force(kept: StageList | None) -> tuple[Stage, ...]:
    """Give the stages that count: own ones, or the preset."""
    return as_stages(kept.stages) if kept and kept.stages else lifecycle_stages.stages()


def unusable(kept: StageList | None) -> RuleError | None:
    """Say why own stages can no longer be used; None where they can, or there are none."""
    try:
        lifecycle_stages.stages_sql(in_force(kept), lifecycle_stages.known())
    except RuleError as error:
        return error
    return None


def usable(kept: StageList | None) -> tuple[Stage, ...]:
    """Give the stages that customers are told by: the preset where own ones cannot be used."""
    return lifecycle_stages.stages() if unusable(kept) else in_force(kept)


def keyed(rows: Sequence[Row]) -> list[Row]:
    """Give each new stage a key that people can read; keys that are there stay."""
    taken = {row["stage"] for row in rows if row["stage"]}
    found: list[Row] = []
    for row in rows:
        key = row["stage"] or _key(row["label_en"], taken)
        taken.add(key)
        found.append({**row, "stage": key})
    return found


def _key(label: str, taken: set[str]) -> str:
    bare = slugify(label).replace("-", "_")[:30].strip("_")
    bare = bare if KEY.fullmatch(bare) else f"stage_{bare}".rstrip("_")
    return next(k for n in range(1, 100) if (k := bare if n == 1 else f"{bare}_{n}") not in taken)


def preview(rows: Sequence[Row]) -> dict[str | None, Row] | None:
    """Count the published customers by stages that are tried; None: nothing is in none."""
    state = published()
    if state is None or not state.has("customer_facts"):
        return None
    told = f"SELECT *, DATE '{state.publication.as_of:%Y-%m-%d}' AS today_is FROM customer_facts"
    stages = lifecycle_stages.stages_sql(
        as_stages(rows),
        lifecycle_stages.known(),
        minor_units=minor_units(state.currency),
        told=told,
    )
    counted = (
        f"SELECT s.lifecycle_stage AS stage, count(*) AS customers, "
        f"count(*) FILTER (WHERE s.stage_stuck) AS stuck "
        f"FROM customer_facts AS f LEFT JOIN ({stages}) AS s ON f.customer_id = s.customer_id "
        "GROUP BY ALL"
    )
    with Engine(threads=2) as engine:
        engine.register_parquet("customer_facts", state.files("customer_facts"))
        return {row["stage"]: row for row in engine.query(counted).to_pylist()}


def save_stages(
    *, actor: Person, rows: Sequence[Row], number: int, request: HttpRequest | None = None
) -> StageList:
    """Keep stages as the version that counts; raises `RuleError` and keeps nothing.

    Without a row the preset counts again. `number` is the version that the person has read.
    """
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    rows = keyed(rows)
    if rows:
        lifecycle_stages.stages_sql(as_stages(rows), lifecycle_stages.known())
    with transaction.atomic():
        before = StageList.objects.select_for_update().order_by("-number").first()
        if number_of(before) != number:
            raise StagesChangedMeanwhileError
        kept = StageList.objects.create(number=number + 1, stages=rows, by=actor, at=timezone.now())
        audit(
            actor=actor,
            action="know.stages.set" if rows else "know.stages.reset",
            target=str(kept),
            before={"stages": before.stages if before else []},
            after={"stages": rows},
            request=request,
        )
        if published() is not None:
            refresh(actor=actor)
    return kept


def give_stages(store: Store) -> None:
    """Write the stages to the store, where they have changed."""
    kept = newest()
    rows = [{**row, "place": at} for at, row in enumerate(kept.stages if kept else [], 1)]
    table = pa.Table.from_pylist(rows, schema=arrow_schema(OWN))
    if OWN not in store.names():
        if rows:
            store.write(OWN, table)
    elif not store.read(OWN).equals(table):
        store.write(OWN, table)
