"""The access job: everything that the tables hold about a person, to be handed to her."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from kizuna.jobs.erasure import WHOSE
from kizuna.jobs.outputs import BYTE_ORDER_MARK
from kizuna.jobs.subjects import Subject
from kizuna.pipeline.engine import Engine, identifier, quoted
from kizuna.pipeline.store import Store

type Rows = list[dict[str, Any]]


def rows(store: Store, who: Subject) -> dict[str, Rows]:
    """Give her rows of each table that has some."""
    found = {name: _of(store, name, who) for name in store.names()}
    return {name: rows for name, rows in found.items() if rows}


def packed(tables: Mapping[str, Rows]) -> bytes:
    """Pack tables, each as JSON and as CSV."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, found in sorted(tables.items()):
            text = json.dumps(found, ensure_ascii=False, indent=1, default=str)
            pack.writestr(f"{name}.json", text)
            pack.writestr(f"{name}.csv", BYTE_ORDER_MARK + _csv(found))
    return file.getvalue()


def _of(store: Store, name: str, who: Subject) -> Rows:
    listed = ", ".join(map(quoted, who.ids))
    with Engine(threads=2) as engine:
        store.register(engine, name)
        columns = [c for c in engine.schema(name).names if c in WHOSE]
        if not columns or not listed:
            return []
        hers = " OR ".join(f"CAST({identifier(c)} AS VARCHAR) IN ({listed})" for c in columns)
        found: Rows = engine.query(f"SELECT * FROM {name} WHERE {hers}").to_pylist()
        return found


def _csv(found: Sequence[Mapping[str, Any]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(found[0]))
    writer.writeheader()
    writer.writerows([{name: _guarded(value) for name, value in row.items()} for row in found])
    return file.getvalue()


def _guarded(value: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    risky = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if risky else value
