"""Give each run the rates of contacts that people set."""

from __future__ import annotations

import pyarrow as pa

from kizuna.jobs.revenue_log import keep
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.queries import Published
from kizuna.web.know.publications.services import store
from kizuna.web.know.retention.models import ServiceRate

RATES, FORECASTS = "service_rates", "revenue_forecasts"


def give_rates(store: Store) -> None:
    """Write them to the store, where they have changed."""
    rows = [
        {
            "channel": rate.channel,
            "per_contact": float(rate.per_contact),
            "per_minute": float(rate.per_minute),
        }
        for rate in ServiceRate.objects.order_by("channel")
    ]
    table = pa.Table.from_pylist(rows, schema=arrow_schema(RATES))
    known = RATES in store.names()
    if rows if not known else not store.read(RATES).equals(table):
        store.write(RATES, table)


def keep_forecasts(publication: Publication) -> None:
    """Keep what was forecast, so that it can be set beside what comes."""
    state = Published(publication)
    if state.has(FORECASTS):
        keep(store(), state.files(FORECASTS), number=publication.pk)
