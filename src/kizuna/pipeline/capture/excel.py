"""Excel: a sheet of an .xlsx becomes a CSV, row for row. Needs the extra `excel`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from kizuna.pipeline.capture.text_files import TextFile, new_file
from kizuna.pipeline.errors import InputError

SUFFIXES = {".xlsx", ".xlsm"}


def is_workbook(path: Path) -> bool:
    """Tell by the name and the first four bytes."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04" and path.suffix.lower() in SUFFIXES


def sheets(path: Path) -> tuple[str, ...]:
    """Name the sheets of a workbook, in order."""
    return tuple(sheet.title for sheet in _open(path).worksheets)


def is_filled(path: Path, sheet: str) -> bool:
    """Tell whether one of the first rows of a sheet holds anything."""
    return any(value is not None for row in _rows(path, sheet, 100) for value in row)


def to_csv(path: Path, folder: Path, sheet: str | None = None, rows: int | None = None) -> TextFile:
    """Copy a sheet to a UTF-8 CSV, one line a row, so that line numbers are Excel's.

    Parameters
    ----------
    sheet : its name; None: the first.
    rows : how many at most; None: all.

    Raises
    ------
    InputError
        When openpyxl is not installed, or the file is no workbook, or the sheet is empty or absent.

    """
    copy, lines = new_file(folder, path).with_suffix(".csv"), 0
    with copy.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in _rows(path, sheet, rows):
            filled = any(value is not None for value in row)
            writer.writerow([_cell(value) for value in row] if filled else [])
            lines += 1
    if not lines:
        raise InputError(_empty(path, sheet))
    return TextFile(copy, "xlsx", lines)


def _rows(path: Path, sheet: str | None, rows: int | None) -> Iterator[tuple[Any, ...]]:
    named = {found.title: found for found in _open(path).worksheets}
    if sheet is not None and sheet not in named:
        raise InputError(f"{path} has no sheet {sheet!r}; its sheets are {', '.join(named)}")
    chosen = named[sheet] if sheet is not None else next(iter(named.values()))
    yield from chosen.iter_rows(values_only=True, max_row=rows)


def _empty(path: Path, sheet: str | None) -> str:
    if sheet is None:
        return f"{path}: the first sheet is empty; put header and orders there"
    return f"{path}: the sheet {sheet!r} is empty; choose another"


def _open(path: Path):  # type: ignore[no-untyped-def]
    try:
        import openpyxl
    except ImportError as error:
        raise InputError(
            f"{path} is Excel, and reading Excel needs the extra: pip install 'kizuna[excel]', "
            "or save it as CSV"
        ) from error
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise InputError(f"{path} is no readable Excel workbook (.xlsx)") from error


def _cell(value: object) -> object:
    """Write days as ISO days, whole numbers without a decimal point, and line ends as spaces."""
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value.replace(microsecond=0)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return " ".join(value.splitlines()) if isinstance(value, str) else value
