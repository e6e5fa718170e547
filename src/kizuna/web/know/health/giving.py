"""Give each run the bands and scorecards that people set, and keep what each publication told."""

from __future__ import annotations

import json

import pyarrow as pa

from kizuna.experience.health import BANDS
from kizuna.jobs.health import keep
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.know.health.models import Bands, Scorecard
from kizuna.web.know.health.services import Limits
from kizuna.web.know.health.standing import in_force
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.publications.services import refresh, store

OVERRIDES = "health_overrides"
KEPT = ("health_scores", "churn_scores")


def give_health(store: Store) -> None:
    """Write them to the store, where they have changed."""
    bands = Bands.objects.order_by("-pk").first()
    rows = Scorecard.objects.order_by("version").values_list("version", "card")
    cards = [{"version": version, "card": json.dumps(card)} for version, card in rows]
    tables = {
        "own_health_bands": bands_table(bands.limits if bands else {}, "own_health_bands"),
        "own_scorecards": pa.Table.from_pylist(cards, schema=arrow_schema("own_scorecards")),
        OVERRIDES: overrides_table(),
    }
    for name, table in tables.items():
        if name not in store.names():
            if table.num_rows:
                store.write(name, table)
        elif not store.read(name).equals(table):
            store.write(name, table)


def overrides_table() -> pa.Table:
    """Write what is set by hand and in force today as a table."""
    rows = [
        {
            "override_id": found.pk,
            "customer_id": found.customer_id,
            "health": float(found.health),
            "until_on": found.until_on,
        }
        for found in in_force().order_by("pk")
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(OVERRIDES))


def follow_overrides() -> bool:
    """Ask for figures where an override ran out since the latest ones; tell whether it was so."""
    tables = store()
    now, there = overrides_table(), OVERRIDES in tables.names()
    followed = tables.read(OVERRIDES).equals(now) if there else not now.num_rows
    if followed or published() is None:
        return False
    refresh(actor=None)
    return True


def bands_table(limits: Limits, name: str = "health_bands") -> pa.Table:
    """Write where bands begin as a table."""
    rows = [
        {"kind": kind, "band": band, "from_health": float(start)}
        for kind, starts in sorted(limits.items())
        for band, start in zip(BANDS, (0.0, *starts), strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(name))


def keep_health(publication: Publication) -> None:
    """Keep what was told, so that it can be seen later what was known when."""
    state = Published(publication)
    if publication.as_of is not None and all(state.has(name) for name in KEPT):
        files = {name: state.files(name) for name in KEPT}
        keep(store(), files, number=publication.pk, told_on=publication.as_of)
