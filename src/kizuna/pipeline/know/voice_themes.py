"""Read `voice_themes.csv`, which may be edited."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

from kizuna.experience.voice.dictionary import OTHER, Dictionary, Theme
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run


def voice_themes(own_voice_themes: pa.Table, *, run: Run) -> pa.Table:
    """Give the company's own dictionary; the packaged one where it has none."""
    if own_voice_themes.num_rows:
        return own_voice_themes.cast(arrow_schema("voice_themes"))
    return packaged()


def packaged() -> pa.Table:
    """Read the packaged dictionary."""
    return read_themes(Path(str(files(__package__) / "voice_themes.csv")))


def read_themes(path: Path) -> pa.Table:
    """Read a dictionary from a CSV file with the columns of `voice_themes`.

    Raises
    ------
    ValueError
        When a theme has no word, has the key of another one, or that of what is about none.

    """
    schema = arrow_schema("voice_themes")
    types = {field.name: field.type for field in schema}
    table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types))
    found = table.select(schema.names)
    dictionary_of(found)
    return found


def dictionary_of(table: pa.Table) -> Dictionary:
    """Give the dictionary of a table."""
    themes = tuple(Theme(row["theme"], _words(row)) for row in table.to_pylist())
    keys = [theme.key for theme in themes]
    if OTHER in keys or len(set(keys)) < len(keys):
        raise ValueError(f"themes: a key is given twice, or is {OTHER!r}: {keys}")
    return Dictionary(themes)


def _words(row: dict[str, str]) -> tuple[str, ...]:
    # a blank behind a word is meant: 'app ' is not 'apple'
    words = tuple(word.lstrip() for word in row["words"].split("|") if word.strip())
    if not words:
        raise ValueError(f"themes: {row['theme']!r} has no words")
    return words
