"""Give each run what may be chosen, for whom, and within which limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.know.segments.queries import member_ids
from kizuna.web.measure.next_best import queries


def give_offers(store: Store) -> None:
    """Write the offers to the store, where they have changed."""
    limits = queries.limits()
    told = {"salt": limits.salt, "explored": limits.explored}
    budget = None if limits.budget is None else float(limits.budget)
    _give(store, "choice_limits", [told | {"budget": budget}])
    _give(store, "offers", _offers())
    _give(store, "offer_customers", _customers())


def _offers() -> Iterator[dict[str, Any]]:
    for offer in queries.offers():
        yield {
            "experiment_id": offer.action.experiment_id,
            "cost": offer.cost,
            "capacity": offer.capacity,
            "for_everyone": offer.segment is None,
        }


def _customers() -> Iterator[dict[str, Any]]:
    """Name who is in the segment of an offer, as the last rebuild found them."""
    for offer in queries.offers():
        for customer in member_ids(offer.segment_id) if offer.segment_id else ():
            yield {"experiment_id": offer.action.experiment_id, "customer_id": customer}


def _give(store: Store, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    table = pa.Table.from_pylist(list(rows), schema=arrow_schema(name))
    known = name in store.names()
    if table.num_rows if not known else not store.read(name).equals(table):
        store.write(name, table)
