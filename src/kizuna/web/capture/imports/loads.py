"""Which job looks at, checks, loads and takes out the files of a table."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from kizuna.jobs import load as orders
from kizuna.jobs.load import Loaded, OrderFile
from kizuna.pipeline.store import Store
from kizuna.web.capture.imports.models import Table

type File = OrderFile

LOGS: dict[str, str] = {Table.ORDERS: "order_log"}
"""Table → the log in the store that is its truth."""


def preview(path: Path, table: str) -> dict[str, Any]:
    """Show the head of a file, its table and which column seems to be which."""
    return asdict(orders.preview(path)) | {"table": table or Table.ORDERS}


def file_of(table: str, path: Path, name: str, mapping: dict[str, Any], timezone: str) -> File:
    """Say how a file is to be read."""
    return OrderFile(
        path=path,
        name=name,
        columns=mapping["columns"],
        date_order=mapping["date_order"],
        currency=mapping["money"],
        timezone=timezone,
    )


def check(store: Store, file: File, **said: Any) -> Loaded:
    """Count what an import would do."""
    return orders.check(store, file, **said)


def load(store: Store, file: File, **said: Any) -> Loaded:
    """Bring a file in."""
    return orders.load(store, file, **said)


def undo(store: Store, table: str, batch: str, **said: Any) -> None:
    """Take an import out."""
    orders.undo(store, batch, **said)


def batches(store: Store, table: str) -> dict[str, Loaded]:
    """Give the imports that stand in the store, by their names, the oldest first."""
    return {found.batch: found for found in orders.batches(store)}
