"""Excel: the first sheet of an .xlsx becomes a CSV, row for row. Needs the extra `excel`."""

from __future__ import annotations

import csv
from datetime import date, datetime, time
from pathlib import Path

from kizuna.pipeline.capture.text_files import TextFile, new_file
from kizuna.pipeline.errors import InputError


def to_csv(path: Path, folder: Path) -> TextFile:
    """Copy the first sheet to a UTF-8 CSV, one line a row, so that line numbers are Excel's.

    Raises
    ------
    InputError
        When openpyxl is not installed, or the file is no workbook, or its first sheet is empty.

    """
    workbook = _open(path)
    copy, lines = new_file(folder, path).with_suffix(".csv"), 0
    with copy.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in workbook.worksheets[0].iter_rows(values_only=True):
            filled = any(value is not None for value in row)
            writer.writerow([_cell(value) for value in row] if filled else [])
            lines += 1
    if not lines:
        raise InputError(f"{path}: the first sheet is empty; put header and orders there")
    return TextFile(copy, "xlsx", lines)


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
