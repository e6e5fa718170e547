"""Which job looks at, checks, loads and takes out the files of a table."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from kizuna.jobs import load as orders
from kizuna.jobs import records
from kizuna.jobs.load import OrderFile
from kizuna.jobs.records import RecordFile
from kizuna.pipeline.store import Store
from kizuna.web.capture.imports.models import Table

type File = OrderFile | RecordFile
type Loaded = orders.Loaded | records.Loaded

LOGS: dict[str, str] = {table: f"{table}_log" for table in Table.values} | {
    Table.ORDERS: "order_log"
}
"""Table → the log in the store that is its truth."""


def preview(path: Path, table: str) -> dict[str, Any]:
    """Show the head of a file, its table and which column seems to be which.

    Without a table the one that the columns speak of most is taken.
    """
    head = orders.preview(path) if table in {"", Table.ORDERS} else records.preview(path, table)
    if not table:
        likely = records.likely_table(head.columns)
        if likely in Table.values:
            return preview(path, likely)
    return asdict(head) | {"table": table or str(Table.ORDERS)}


def file_of(table: str, path: Path, name: str, mapping: dict[str, Any], timezone: str) -> File:
    """Say how a file is to be read."""
    said: dict[str, Any] = {
        "path": path,
        "name": name,
        "columns": mapping["columns"],
        "date_order": mapping["date_order"],
        "currency": mapping["money"],
        "timezone": timezone,
    }
    if table == Table.ORDERS:
        return OrderFile(**said)
    policy: Any = mapping.get("policy") or "overwrite"
    return RecordFile(**said, table=table, keys=mapping.get("keys") or (), policy=policy)


def check(store: Store, file: File, **said: Any) -> Loaded:
    """Count what an import would do."""
    if isinstance(file, OrderFile):
        return orders.check(store, file, **said)
    return records.check(store, file, **said)


def load(store: Store, file: File, **said: Any) -> Loaded:
    """Bring a file in."""
    if isinstance(file, OrderFile):
        return orders.load(store, file, **said)
    return records.load(store, file, **said)


def undo(store: Store, table: str, batch: str, **said: Any) -> None:
    """Take an import out."""
    if table == Table.ORDERS:
        orders.undo(store, batch, **said)
    else:
        records.undo(store, table, batch, **said)


def batches(store: Store, table: str) -> dict[str, Loaded]:
    """Give the imports that stand in the store, by their names, the oldest first."""
    found: tuple[Loaded, ...] = (
        orders.batches(store) if table == Table.ORDERS else records.batches(store, table)
    )
    return {loaded.batch: loaded for loaded in found}
