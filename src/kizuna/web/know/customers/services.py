"""Writes: the mirror after a publication, and the record of an export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.tables import TABLES
from kizuna.web.accounts.models import ApiKey, Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.interface.limits import is_due
from kizuna.web.know.customers.folding import folded
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.queries import Published

FACTS = TABLES["customer_facts"].column_names
SEARCHED = ("name", "name_kana", "email", "phone")
CUT = ("rfm_segment", "channel", "region", "kind")
SPACES = {ord(" "): None, ord("\u3000"): None}
MOST_SEARCHED, LONGEST_SEARCHED, LONGEST_KEY = 200, 800, 60
"""An index of PostgreSQL takes no more than 2,700 bytes a row."""
BATCH = 5_000
MIRRORED = pa.schema([("customer_id", pa.string()), ("fingerprint", pa.int64())])

CHANGED = f"""
SELECT facts.* FROM (
    SELECT {", ".join(FACTS)}, CAST(hash(({", ".join(FACTS)})) >> 1 AS BIGINT) AS fingerprint
    FROM customer_facts
) AS facts
LEFT JOIN mirrored
    ON facts.customer_id = mirrored.customer_id AND facts.fingerprint = mirrored.fingerprint
WHERE mirrored.customer_id IS NULL"""

GONE = "SELECT customer_id FROM mirrored ANTI JOIN customer_facts USING (customer_id)"


def mirror(publication: Publication) -> tuple[int, int]:
    """Bring the mirror to what was published; give how many rows were written and removed.

    Only what differs is touched, a batch a transaction: who reads meanwhile waits for nothing,
    and a mirror that broke off is completed by the next one.
    """
    with Engine(threads=2) as engine:
        engine.register_parquet("customer_facts", Published(publication).files("customer_facts"))
        engine.register("mirrored", _mirrored())
        changed = sum(_write(batch) for batch in engine.reader(CHANGED, BATCH))
        gone = engine.query(GONE)["customer_id"].to_pylist()
    removed = sum(_remove(gone[at : at + 500]) for at in range(0, len(gone), 500))
    if changed or removed:
        _count_again()
    return changed, removed


def export(
    *,
    actor: Person,
    filters: Mapping[str, Any],
    chosen: Sequence[str] = (),
    request: HttpRequest | None = None,
) -> None:
    """Record that a list of customers leaves the application."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        said: dict[str, Any] = {"filters": {n: str(v) for n, v in filters.items() if v}}
        said |= {"chosen": list(chosen)} if chosen else {}
        audit(
            actor=actor,
            action="know.customers.exported",
            target="customers",
            after=said,
            request=request,
        )


def walked(*, key: ApiKey, filters: Mapping[str, Any], request: HttpRequest) -> None:
    """Record, once an hour, that a program reads the list on and on: that is an export too."""
    if not key.person.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        if is_due(key=key, now=timezone.now()):
            said = {"filters": {n: str(v) for n, v in filters.items()}, "key": key.name}
            audit(
                actor=key.person,
                action="know.customers.exported",
                target="customers",
                after=said,
                request=request,
            )


def _mirrored() -> pa.Table:
    known = CustomerFact.objects.values_list("customer_id", "fingerprint").iterator(50_000)
    rows = list(known)
    columns = [[row[at] for row in rows] for at in (0, 1)]
    return pa.table(dict(zip(MIRRORED.names, columns, strict=True)), schema=MIRRORED)


def _write(batch: pa.RecordBatch) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_upsert(), list(_rows(batch)))
    return int(batch.num_rows)


def _rows(batch: pa.RecordBatch) -> Iterator[Sequence[Any]]:
    columns = [_cut(name, batch.column(name).to_pylist()) for name in (*FACTS, "fingerprint")]
    for row in zip(*columns, strict=True):
        said = [row[FACTS.index(name)] or "" for name in SEARCHED]
        yield (*row, searched(row[0], *said), name_key(*said[:2]))


def _cut(name: str, values: list[Any]) -> list[Any]:
    """Keep what an index holds short enough for every database."""
    return [value and value[:MOST_SEARCHED] for value in values] if name in CUT else values


def searched(customer_id: str, *said: str) -> str:
    """Give what search looks in: the texts, and names without the spaces between their parts."""
    texts = [text[:MOST_SEARCHED] for text in said if text]
    joined = [text.translate(SPACES) for text in texts if text.translate(SPACES) != text]
    return folded(" ".join((customer_id, *texts, *joined)))[:LONGEST_SEARCHED]


def name_key(name: str, kana: str) -> str | None:
    """Give what a name is sorted by: its reading, or else itself."""
    return folded(kana or name)[:LONGEST_KEY] or None


def _upsert() -> str:
    names = (*FACTS, "fingerprint", "folded", "name_key")
    table = identifier(CustomerFact._meta.db_table)
    listed, places = ", ".join(names), ", ".join(["%s"] * len(names))
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name != "customer_id")
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


def _remove(names: Sequence[str]) -> int:
    with transaction.atomic():
        return CustomerFact.objects.filter(customer_id__in=names).delete()[0]
