"""Rows left out, as a file that a spreadsheet can open without harm."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kizuna.jobs.outputs import BYTE_ORDER_MARK, FORMULA_STARTS
from kizuna.web.capture.imports.parts import WORDS
from kizuna.web.capture.imports.wording import REASONS

FORMULA = re.compile(FORMULA_STARTS)


class _Line:
    """Where the writer of a CSV leaves a line for whoever streams it."""

    def write(self, text: str) -> str:
        return text


def rejected_csv(path: Path) -> Iterator[str]:
    """Give a CSV line by line; with a byte order mark for Japanese spreadsheets."""
    mark = BYTE_ORDER_MARK if (get_language() or "").startswith("ja") else ""
    header = [_("line"), _("reason"), _("explanation"), _("row as it was")]
    # said now: by the time the lines are sent the language of the request is gone
    said = {code: str(text) for code, text in REASONS.items()}
    parts = {part: str(text) for part, text in WORDS.items()}
    return _lines(path, [mark + header[0], *header[1:]], said, parts)


def _lines(
    path: Path, header: list[str], said: dict[str, str], parts: dict[str, str]
) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(header)
    for batch in pq.ParquetFile(path).iter_batches(10_000):
        for row in batch.to_pylist():
            part = f" ({parts[row['part']]})" if row.get("part") else ""
            texts = (row["reason"], said[row["reason"]] + part, safe(row["raw"] or ""))
            yield writer.writerow([row["line"], *texts])


def safe(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if FORMULA.match(text) else text
