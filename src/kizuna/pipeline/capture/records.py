"""CSV records that do not fit one line: line ends inside quotation marks, and marks never closed.

Only files that have such records come here. The copy made holds each record on its own line, at
its own line number, so that no line is lost and every line can be named.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from kizuna.pipeline.capture.text_files import new_file

NEWLINE_IN_FIELD = "\u2028"
"""What stands in a copy for a line end inside quotation marks."""
LONGEST_RECORD = 200
"""Lines that one quoted value may span; beyond, its quotation mark was never closed."""

type Record = tuple[str | None, int]
"""Text of a record on one line (None: broken), and the physical lines that it takes."""


def one_line_each(
    source: Path, columns: int, delimiter: str, folder: Path
) -> tuple[Path, dict[int, str]]:
    """Copy a CSV with one record a line; give the copy, and the broken lines by their number.

    A line whose quotation mark is never closed would swallow those that follow: it is left blank
    in the copy.
    """
    copy, broken, number = new_file(folder, source), dict[int, str](), 1
    with _reading(source) as lines, copy.open("w", encoding="utf-8", newline="\n") as target:
        for line, (text, height) in _records(lines, columns, delimiter):
            if text is None:
                broken[number] = line.rstrip("\r\n")
            target.write((text or "") + "\n" * height)
            number += height
    return copy, broken


def _reading(source: Path) -> TextIO:
    return source.open(encoding="utf-8-sig", newline="\n")


def _records(lines: Iterator[str], columns: int, delimiter: str) -> Iterator[tuple[str, Record]]:
    """Give the first line of each record, and the record."""
    ahead = list[str]()
    while line := (ahead.pop(0) if ahead else next(lines, "")):
        if '"' not in line or _is_record(line, columns, delimiter):
            yield line, (line.rstrip("\r\n"), 1)
            continue
        ahead.extend(itertools.islice(lines, LONGEST_RECORD - len(ahead)))
        record = _closed([line, *ahead], columns, delimiter)
        del ahead[: record[1] - 1]
        yield line, record


def _closed(lines: list[str], columns: int, delimiter: str) -> Record:
    """Join lines until the quotation is closed and the fields are as many as the columns."""
    quotes, joined = 0, ""
    for height, line in enumerate(lines, start=1):
        quotes, joined = quotes + line.count('"'), joined + line
        if quotes % 2 == 0 and _is_record(joined, columns, delimiter):
            return re.sub("\r?\n", NEWLINE_IN_FIELD, joined.rstrip("\r\n")), height
    return None, 1


def _is_record(text: str, columns: int, delimiter: str) -> bool:
    try:
        lines = io.StringIO(text, newline="")
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return len(rows) == 1 and len(rows[0]) == columns
