"""Give each run what people confirmed, the register of gaps, and the company's own dictionary."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.know.voice.models import Gap, Label, ThemeWords


def give_voice(store: Store) -> None:
    """Write them to the store, where they have changed."""
    for name, rows in (
        ("comment_labels", labels()),
        ("service_gaps", gaps()),
        ("own_voice_themes", words()),
    ):
        table = pa.Table.from_pylist(rows, schema=arrow_schema(name))
        if name not in store.names():
            if rows:
                store.write(name, table)
        elif not store.read(name).equals(table):
            store.write(name, table)


def labels() -> list[dict[str, Any]]:
    """Give what was confirmed."""
    rows = Label.objects.order_by("pk").values("customer_id", "comment_id", "theme", "holds")
    return [dict(row) for row in rows]


def gaps() -> list[dict[str, Any]]:
    """Give the register."""
    kept = Gap.objects.order_by("pk")
    return [{"gap_id": str(g.pk), "theme": g.theme, "improved_on": g.improved_on} for g in kept]


def words() -> list[dict[str, Any]]:
    """Give the company's own dictionary; nothing where the packaged one stands."""
    names = ("theme", "label_en", "label_ja", "words")
    return [dict(row) for row in ThemeWords.objects.order_by("pk").values(*names)]
