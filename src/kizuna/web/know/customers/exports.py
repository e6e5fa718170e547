"""Lists as CSV: safe from formulas, and readable by spreadsheets in Japan."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kizuna.jobs.outputs import BYTE_ORDER_MARK, FORMULA_STARTS

FORMULA = re.compile(FORMULA_STARTS)


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Sequence[Any]], *, language: str) -> Iterator[str]:
    """Write rows as lines of CSV; Japanese ones begin with a byte order mark."""
    writer = csv.writer(_Echo())
    if language.startswith("ja"):
        yield BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow([guarded(value) for value in row])


def guarded(value: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value
