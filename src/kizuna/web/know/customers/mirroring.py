"""Bring the mirror of `customer_facts` to what is published: row by row, or whole and beside.

Few rows are changed where they stand. Many are quicker written whole into a table beside, whose
indexes are made once, at the end; then it takes the place of the former one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.tables import TABLES
from kizuna.web.know.customers import shelf
from kizuna.web.know.customers.beside import Beside
from kizuna.web.know.customers.folds import folds
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.queries import Published

HELD = {field.name for field in CustomerFact._meta.get_fields()}
FACTS = tuple(name for name in TABLES["customer_facts"].column_names if name in HELD)
"""Facts that the list filters and sorts by, or shows; the others are read from the table."""
WRITTEN = (*FACTS, "fingerprint", "folded", "name_key")
BATCH, LARGE_BATCH = 5_000, 20_000
MANY, SHARE = 20_000, 0.1
"""More changes than both are written whole."""
MIRRORED = pa.schema([("customer_id", pa.string()), ("fingerprint", pa.int64())])

PRINTED = f"""
SELECT {", ".join(FACTS)}, CAST(hash(({", ".join(FACTS)})) >> 1 AS BIGINT) AS fingerprint
FROM customer_facts"""
DATES = (c.name for c in TABLES["customer_facts"].columns if c.name in FACTS and c.type == "DATE")
AS_TEXT = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in DATES)
"""Databases take days as text; as anything else each would be written as text one by one."""
WITH_NAMES = (
    f"SELECT facts.* REPLACE ({AS_TEXT}), folded, name_key FROM ({{}}) AS facts "
    "INNER JOIN shelf USING (customer_id)"
)
ALIKE = "facts.customer_id = mirrored.customer_id AND facts.fingerprint = mirrored.fingerprint"
CHANGED = f"SELECT facts.* FROM ({PRINTED}) AS facts ANTI JOIN mirrored ON {ALIKE}"
GONE = "SELECT customer_id FROM mirrored ANTI JOIN customer_facts USING (customer_id)"
COUNTS = f"""
SELECT (SELECT count(*) FROM ({CHANGED})) AS changed, (SELECT count(*) FROM ({GONE})) AS gone,
    (SELECT count(*) FROM customer_facts) AS facts"""


def mirror(publication: Publication) -> tuple[int, int]:
    """Bring the mirror to what was published; give how many rows were written and removed.

    Only what differs is touched, a batch a transaction, or all is written beside: who reads
    meanwhile waits for nothing, and a mirror that broke off is completed by the next one.
    """
    with Engine(threads=2) as engine:
        engine.register_parquet("customer_facts", Published(publication).files("customer_facts"))
        stamp = shelf.write(engine, folds)
        with shelf.mapped(stamp) as columns:
            assert columns is not None
            engine.register("shelf", columns.select(("customer_id", "folded", "name_key")))
            found = _follow(engine)
    shelf.place(stamp)
    return found


def _follow(engine: Engine) -> tuple[int, int]:
    """Bring the table to what was published."""
    engine.register("mirrored", _mirrored())
    found = engine.query(COUNTS).to_pylist()[0]
    differ = found["changed"] + found["gone"]
    if differ > max(MANY, SHARE * found["facts"]):
        _write_beside(engine)
    elif differ:
        _change(engine)
    return found["changed"], found["gone"]


def _write_beside(engine: Engine) -> None:
    """Write every row anew, in the order of the keys."""
    with Beside(CustomerFact, WRITTEN) as beside:
        for batch in engine.reader(
            f"{WITH_NAMES.format(PRINTED)} ORDER BY customer_id", LARGE_BATCH
        ):
            beside.add(list(_rows(batch)))


def _change(engine: Engine) -> None:
    for batch in engine.reader(WITH_NAMES.format(CHANGED), BATCH):
        _write(batch)
    gone = engine.query(GONE)["customer_id"].to_pylist()
    for at in range(0, len(gone), 500):
        _remove(gone[at : at + 500])
    _count_again()


def _mirrored() -> pa.Table:
    known = CustomerFact.objects.values_list("customer_id", "fingerprint").iterator(50_000)
    rows = list(known)
    columns = [[row[at] for row in rows] for at in (0, 1)]
    return pa.table(dict(zip(MIRRORED.names, columns, strict=True)), schema=MIRRORED)


def _write(batch: pa.RecordBatch) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_upsert(), list(_rows(batch)))


def _rows(batch: pa.RecordBatch) -> Iterator[Sequence[Any]]:
    return zip(*(_values(_cut(name, batch.column(name))) for name in WRITTEN), strict=True)


def _values(column: pa.Array) -> Iterable[Any]:
    """Give what a column holds; most facts are known of everybody or of nobody."""
    if column.null_count == len(column):
        return repeat(None, len(column))
    values: list[Any] = column.to_pylist()
    return values


def _cut(name: str, column: pa.Array) -> pa.Array:
    """Keep what an index holds short enough for every database."""
    return pc.utf8_slice_codeunits(column, 0, shelf.LONGEST) if name in shelf.CUT else column


def _upsert() -> str:
    table = identifier(CustomerFact._meta.db_table)
    listed, places = ", ".join(WRITTEN), ", ".join(["%s"] * len(WRITTEN))
    changes = ", ".join(f"{name} = excluded.{name}" for name in WRITTEN if name != "customer_id")
    return (
        f"INSERT INTO {table} ({listed}) VALUES ({places}) "
        f"ON CONFLICT (customer_id) DO UPDATE SET {changes}"
    )


def _count_again() -> None:
    """Let the database see how its rows lie now, so that it picks the right index."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute(f"ANALYZE {identifier(CustomerFact._meta.db_table)}")


def _remove(names: Sequence[str]) -> None:
    with transaction.atomic():
        CustomerFact.objects.filter(customer_id__in=names).delete()
