"""Every table and every column is explained in Japanese too."""

from __future__ import annotations

from django.utils.translation import gettext, override

from kizuna.pipeline.contracts import Column, Table
from kizuna.pipeline.tables import TABLES


def untold(table: Table) -> list[str]:
    """List the texts of a table that are English to a reader of Japanese."""
    texts = [table.meaning, *(column.meaning for column in table.columns)]
    with override("ja"):
        return [text for text in texts if text and gettext(text) == text]


def test_tables_are_explained_in_japanese() -> None:
    assert {name: untold(table) for name, table in TABLES.items() if untold(table)} == {}


def test_a_table_that_speaks_english_alone_is_found() -> None:
    column = Column("flowers", "BIGINT", "count", "flowers that nobody watered")
    assert untold(Table("garden", (), "Where flowers grow.", (column,))) == [
        "Where flowers grow.",
        "flowers that nobody watered",
    ]
