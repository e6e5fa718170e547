"""Give each run the rates of contacts that people set."""

from __future__ import annotations

import pyarrow as pa

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.know.retention.models import ServiceRate

RATES = "service_rates"


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
