"""Look at customers of whom something just came in: their facts of this moment, by the same SQL.

Who has events of the last day alone is looked at: history that is brought in raises nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from kizuna.jobs.drain import Batch
from kizuna.jobs.past_facts import facts_as_of
from kizuna.jobs.watch import Frame, compare
from kizuna.pipeline.engine import Engine, identifier
from kizuna.web.capture.identities.models import Link
from kizuna.web.know.alerts.conditions import FACTS, PANEL, readable
from kizuna.web.know.alerts.evaluating import in_use
from kizuna.web.know.alerts.models import AlertRule, Touched
from kizuna.web.know.alerts.raising import take
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.publications.services import run_options, store

AT_ONCE = 2_000
"""Customers of one look."""
RECENT = timedelta(days=1)
EVENTS = "received_events"


def touched(batch: Batch) -> None:
    """Note of whom something came in, and ask for a look; where nothing is watched, for none."""
    from kizuna.web.know.alerts.tasks import look

    keys = {*batch.users, *(link.to_key for link in batch.links if link.kind == "member")}
    if not keys or not AlertRule.objects.filter(is_on=True).exists():
        return
    now = timezone.now()
    with transaction.atomic():
        rows = [Touched(customer_id=key, at=now) for key in sorted(keys)]
        Touched.objects.bulk_create(rows, ignore_conflicts=True)
        look.enqueue()


def look() -> int:
    """Evaluate every rule on who was touched; give how many alerts were told.

    Who is touched meanwhile keeps the later mark, and is looked at again.
    """
    marks = list(Touched.objects.order_by("at")[:AT_ONCE])
    state, rules = published(), in_use()
    if not marks:
        return 0
    told = 0
    if state is not None and state.has(FACTS) and rules:
        told = _evaluate(state, rules, _recent([mark.customer_id for mark in marks]))
    for mark in marks:
        Touched.objects.filter(pk=mark.pk, at=mark.at).delete()
    return told


def _evaluate(state: Published, rules: dict[int, AlertRule], ids: Sequence[str]) -> int:
    as_of = state.publication.as_of
    if not ids or as_of is None:
        return 0
    today = max(timezone.localdate(), as_of)
    fresh = facts_as_of(store(), today, run_options(), ids)
    former, latest = _rows(state, fresh)
    watched, _refused = readable(rules.values(), state.currency)
    panel = state.files(PANEL) if state.has(PANEL) else ()
    found = compare(
        Frame(as_of, rows=former),
        Frame(today, rows=latest),
        watched,
        panel=panel,
        live=True,
    )
    tally = take(turned=found.turned, rules=rules, currency=state.currency, at=timezone.now())
    return tally.told.total()


def _recent(keys: Sequence[str]) -> list[str]:
    """Keep the customers with events of the last day, under the names that they have now."""
    tables = store()
    if EVENTS not in tables.names():
        return []
    since = (timezone.now() - RECENT).astimezone(UTC).replace(tzinfo=None)
    with Engine(threads=2) as engine:
        tables.register(engine, EVENTS)
        found = engine.query(
            f"SELECT DISTINCT customer_key FROM {EVENTS} WHERE happened_at >= ? "
            "AND list_contains(?, customer_key)",
            [since, list(keys)],
        )
    recent = found["customer_key"].to_pylist()
    links = Link.objects.filter(raw_customer_id__in=recent)
    now = dict(links.values_list("raw_customer_id", "customer_id"))
    return sorted({now.get(key, key) for key in recent})


def _rows(state: Published, fresh: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Give the published facts of some customers, and the same with what is fresh put in."""
    with Engine(threads=2) as engine:
        engine.register("fresh", fresh)
        engine.register_parquet("facts", state.files(FACTS))
        former = engine.query("SELECT * FROM facts SEMI JOIN fresh USING (customer_id)")
        engine.register("former", former)
        new = [n for n in fresh.column_names if n not in ("customer_id", "day")]
        kept = [n for n in former.column_names if n not in (*new, "customer_id")]
        listed = ", ".join(
            [f"f.{identifier(n)}" for n in kept] + [f"p.{identifier(n)}" for n in new]
        )
        latest = engine.query(
            f"SELECT p.customer_id, {listed} FROM fresh AS p LEFT JOIN former AS f "
            "ON p.customer_id = f.customer_id"
        )
    return former, latest
