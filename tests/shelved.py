"""The mirror's rows put on the shelf as a publication puts them there."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.know.customers import shelf
from kizuna.web.know.customers.mirroring import FACTS
from kizuna.web.know.customers.models import CustomerFact


def shelve() -> int:
    """Write the file of columns from the rows of the mirror; give how many names were folded."""
    rows = CustomerFact.objects.exclude(fingerprint=0).values(*FACTS)
    kept = dict(CustomerFact.objects.values_list("pk", "name_key"))
    texts = dict(CustomerFact.objects.values_list("pk", "folded"))
    folded: list[str] = []

    def fold(columns: Sequence[pa.Array]) -> tuple[pa.Array, ...]:
        names = columns[0].to_pylist()
        folded.extend(names)
        found = [texts[name] for name in names]
        made = found, [kept[name] for name in names], list(map(shelf.spread, found))
        return tuple(pa.array(values, pa.string()) for values in made)

    with Engine() as engine:
        facts = pa.Table.from_pylist(list(rows), schema=arrow_schema("customer_facts"))
        engine.register("customer_facts", facts)
        shelf.place(shelf.write(engine, fold))
    return len(folded)
