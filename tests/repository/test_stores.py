"""Each place that can hold a customer is known to the erasure, whoever adds it, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from django.apps import apps
from django.db import models

from kizuna.jobs import erasure
from kizuna.jobs.erasure import ABOVE, IN_WORDS, NOBODYS, WHOLE, WHOSE, erase
from kizuna.jobs.subjects import Subject
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES
from kizuna.web.capture.privacy import records

NOW = datetime(2026, 4, 1, tzinfo=UTC)
HER, MAIL, PHONE = "c-hana-77", "hana77@example.jp", "+819012345678"
SEARCHED = (models.CharField, models.TextField, models.JSONField)
NO_WORDS = (
    models.BooleanField,
    models.DateField,
    models.DecimalField,
    models.FloatField,
    models.ForeignKey,
    models.IntegerField,
    models.TimeField,
)
"""Kinds of columns in which nobody is named."""


def test_each_model_says_whose_a_row_is_or_is_known_to_hold_words_alone() -> None:
    unknown = [label for label, columns in stores() if not is_known(label, columns)]
    assert unknown == [], "read the head of kizuna/jobs/erasure.py, and register them there"


def test_each_column_that_ends_like_a_key_is_known() -> None:
    keys = {c for _, columns in stores() for c in columns if c.endswith(("_id", "_key"))}
    assert keys - {*WHOSE, *ABOVE, *NOBODYS} == set()


def test_each_kind_of_column_is_searched_or_names_nobody() -> None:
    for model in apps.get_models():
        if model._meta.app_label in records.LEFT_ALONE:
            continue
        for field in model._meta.concrete_fields:
            assert isinstance(field, (*SEARCHED, *NO_WORDS)), f"{field} is not searched"


def test_a_store_that_nobody_registered_is_found() -> None:
    assert not is_known("leaflets.Leaflet", ["text"])
    assert is_known("leaflets.Leaflet", ["text", "customer_id"])


@pytest.mark.parametrize("name", [n for n, t in TABLES.items() if t.columns])
def test_each_table_of_the_store_loses_her_whichever_column_she_is_in(
    tmp_path: Path, name: str
) -> None:
    texts = text_columns(name)
    if not texts:
        return
    store = Store(tmp_path / "store")
    store.write(name, pa.table(filled(texts)))
    erase(store, Subject((HER,), (MAIL, PHONE)), at=NOW)
    left = repr(store.read(name).to_pydict())
    assert [said for said in (HER, MAIL, "1234-5678") if said in left] == []
    assert store.read(name).num_rows >= 1


def test_the_search_bites_where_a_column_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "_others", lambda columns: [])
    store = Store(tmp_path / "store")
    store.write("interactions", pa.table(filled(text_columns("interactions"))))
    erase(store, Subject((HER,), (MAIL, PHONE)), at=NOW)
    assert MAIL in repr(store.read("interactions").to_pydict())


def filled(columns: list[str]) -> dict[str, list[str]]:
    """Make rows of others, and for each column one in which she is."""
    rows = [dict.fromkeys(columns, "other")]
    for column in columns:
        said = HER if column in {*WHOSE, *ABOVE} else f"{MAIL} or 090-1234-5678"
        rows.append({**dict.fromkeys(columns, "other"), column: said})
    return {column: [row[column] for row in rows] for column in columns}


def stores() -> Iterable[tuple[str, list[str]]]:
    """Give each table of the database and of the store that holds text, with those columns."""
    for model in records.held():
        yield model._meta.label, [field.name for field in records.columns(model)]
    for name in TABLES:
        if columns := text_columns(name):
            yield name, columns


def text_columns(name: str) -> list[str]:
    return [c.name for c in TABLES[name].columns if c.type == "VARCHAR"]


def is_known(label: str, columns: Iterable[str]) -> bool:
    return label in IN_WORDS or not {*WHOSE, *WHOLE}.isdisjoint(columns)
