"""Give each run the experiments, who was placed where, and what was done.

Customers are written as they are now: of several rows that a merge made one, the earliest stands,
and where arms disagree it is marked. All actions together are an experiment too, one a turn of the
global control.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from django.db.models import Min, QuerySet
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.act.actions import control
from kizuna.web.act.actions.models import Action, Assignment, Deed, GlobalPlace, State
from kizuna.web.capture.identities.models import Link

GLOBAL = "global-"
"""What the name of a turn begins with in the tables."""
PLANNED = 10_000
"""Units by which the sequence of a turn is set, and of an action that names none."""
HORIZON = 365
"""Days after which a turn is judged."""
A_PART = 50_000


def give_actions(store: Store) -> None:
    """Write them to the store, where they have changed."""
    experiments = [*_experiments(), *map(_experiment_of_turn, _turns())]
    _give(store, "experiments", _table("experiments", experiments))
    _give(store, "assignments", _table("assignments", [*_assignments(), *_global_places()]))
    _give(store, "actions", _table("actions", _deeds()))


def _give(store: Store, name: str, table: pa.Table) -> None:
    known = name in store.names()
    if table.num_rows if not known else not store.read(name).equals(table):
        store.write(name, table)


def _table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Make a table of many rows, part by part."""
    schema, parts, part = arrow_schema(name), [], []
    for row in rows:
        part.append(row)
        if len(part) == A_PART:
            parts.append(pa.RecordBatch.from_pylist(part, schema=schema))
            part = []
    parts.append(pa.RecordBatch.from_pylist(part, schema=schema))
    return pa.Table.from_batches(parts, schema=schema)


def _begun() -> QuerySet[Action]:
    """Give the actions that hold customers out, once they have begun."""
    begun = Action.objects.exclude(state__in=[State.DRAFT, State.DRY_RUN])
    return begun.filter(is_optional=True).order_by("pk")


def _experiments() -> Iterator[dict[str, Any]]:
    for action in _begun():
        yield {
            "experiment_id": action.experiment_id,
            "name": action.name,
            "kind": action.kind,
            "horizon_days": action.horizon_days,
            "started_on": action.started_on,
            "ended_on": action.ended_on,
            "always_on": action.always_on,
            "planned_units": action.planned_units or PLANNED,
            "worth": action.worth,
        }


def _assignments() -> Iterator[dict[str, Any]]:
    rows = Assignment.objects.filter(action__in=_begun())
    yield from _told(rows, "action_id", _of_action)


def _of_action(row: Assignment) -> dict[str, Any]:
    names = ("version", "arm", "propensity", "holdout", "predicted")
    told = {name: getattr(row, name) for name in names}
    on = timezone.localdate(row.eligible_at)
    return told | {
        "experiment_id": str(row.action_id),
        "eligible_on": on,
        "reason": row.reason or None,
    }


def _global_places() -> Iterator[dict[str, Any]]:
    yield from _told(GlobalPlace.objects.all(), "turn", _of_turn)


def _of_turn(row: GlobalPlace) -> dict[str, Any]:
    return {
        "experiment_id": GLOBAL + row.turn,
        "version": row.version,
        "arm": row.arm,
        "propensity": row.share if row.is_held else 1 - row.share,
        "holdout": row.share,
        "eligible_on": timezone.localdate(row.placed_at),
        "reason": None,
        "predicted": row.predicted,
    }


def _told(rows: QuerySet[Any], group: str, tell: Any) -> Iterator[dict[str, Any]]:
    """Tell of rows customer by customer: the earliest of those that are one now."""
    now, units = _now(rows, "customer_id"), _now(rows, "unit_id")
    moment = "placed_at" if rows.model is GlobalPlace else "eligible_at"
    arms: dict[tuple[Any, str], set[str]] = {}
    merged = set(now.values())
    for row in rows.filter(customer_id__in=[*now, *merged]) if now else ():
        customer = now.get(row.customer_id, row.customer_id)
        arms.setdefault((getattr(row, group), customer), set()).add(row.arm)
    done: set[tuple[Any, str]] = set()
    for row in rows.order_by(group, moment, "customer_id").iterator(A_PART):
        customer = now.get(row.customer_id, row.customer_id)
        one = (getattr(row, group), customer)
        if one in done:
            continue
        if one in arms:
            done.add(one)
        yield tell(row) | {
            "customer_id": customer,
            "unit_id": units.get(row.unit_id, row.unit_id),
            "stratum": None,
            "contaminated": len(arms.get(one, ())) > 1,
        }


def _now(rows: QuerySet[Any], column: str) -> dict[str, str]:
    """Give those keys of rows that are part of another customer now."""
    links = Link.objects.filter(pk__in=rows.order_by().values(column))
    return dict(links.values_list("raw_customer_id", "customer_id"))


def _deeds() -> Iterator[dict[str, Any]]:
    for deed in Deed.objects.order_by("pk").iterator(A_PART):
        yield {
            "action_id": str(deed.pk),
            "experiment_id": str(deed.action_id),
            "customer_id": deed.customer_id,
            "done_on": timezone.localdate(deed.done_at),
            "cost": deed.cost,
            "discount": deed.discount,
        }


def _turns() -> Iterator[dict[str, Any]]:
    """Give the turns in which anybody was placed."""
    kept = control.programme()
    found = GlobalPlace.objects.order_by("turn").values("turn")
    for row in found.annotate(first=Min("placed_at")):
        first = timezone.localdate(row["first"])
        ends = control.turn_ends_on(kept, date.fromisoformat(row["turn"] + "-01"))
        yield row | {"first_on": first, "last_on": max(ends - timedelta(days=1), first)}


def _experiment_of_turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    over = turn["last_on"] < timezone.localdate()
    return {
        "experiment_id": GLOBAL + turn["turn"],
        "name": None,
        "kind": "global",
        "horizon_days": HORIZON,
        "started_on": turn["first_on"],
        "ended_on": turn["last_on"] if over else None,
        "always_on": True,
        "planned_units": PLANNED,
        "worth": None,
    }
