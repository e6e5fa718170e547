"""The packaged map from scores to names of segments, and the check that an own map must pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

type Cell = tuple[int, int, int]

SCORES = range(1, 6)


def rfm_segments(*, run: Run) -> pa.Table:
    """Give the packaged map; it is the same for every run."""
    return read_map(Path(str(files(__package__) / "rfm_segments.csv")))


def read_map(path: Path) -> pa.Table:
    """Read a map from a CSV file with the columns of `rfm_segments`.

    Raises
    ------
    ValueError
        When some scores have no name, or more than one.

    """
    schema = arrow_schema("rfm_segments")
    types = {field.name: field.type for field in schema}
    table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types))
    check_map(table.select(schema.names))
    return table.select(schema.names)


def check_map(table: pa.Table) -> None:
    """Raise `ValueError` unless each of the 125 cells of scores has exactly one name."""
    named = Counter(cell for row in table.to_pylist() for cell in _cells(row))
    for cell in product(SCORES, SCORES, SCORES):
        if named[cell] != 1:
            raise ValueError(
                f"map of segments: recency {cell[0]}, frequency {cell[1]}, monetary {cell[2]} "
                f"has {named[cell]} names; each combination of scores needs exactly one"
            )


def _cells(row: dict[str, int]) -> Iterator[Cell]:
    """Give the cells of scores in one box of the map."""
    sides = (
        range(row[f"{measure}_low"], row[f"{measure}_high"] + 1)
        for measure in ("recency", "frequency", "monetary")
    )
    recency, frequency, monetary = sides
    yield from product(recency, frequency, monetary)
