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
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.queries import Published
from kizuna.web.know.publications.services import store

KEPT = ("health_scores", "churn_scores")


def give_health(store: Store) -> None:
    """Write them to the store, where they have changed."""
    bands = Bands.objects.order_by("-pk").first()
    rows = Scorecard.objects.order_by("version").values_list("version", "card")
    cards = [{"version": version, "card": json.dumps(card)} for version, card in rows]
    tables = {
        "own_health_bands": bands_table(bands.limits if bands else {}, "own_health_bands"),
        "own_scorecards": pa.Table.from_pylist(cards, schema=arrow_schema("own_scorecards")),
    }
    for name, table in tables.items():
        if name not in store.names():
            if table.num_rows:
                store.write(name, table)
        elif not store.read(name).equals(table):
            store.write(name, table)


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
