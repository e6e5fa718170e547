"""The head of a file: enough of it to be looked at, however long the file is."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kizuna.pipeline.capture import excel

HEAD = 4_000_000
"""Bytes of a long text file that a preview looks at."""
HEAD_ROWS = 600
"""Rows of a sheet that a preview looks at."""
SLOW_EXCEL = 1_000_000
"""Bytes of a workbook from which on opening it takes longer than a person waits for a page."""
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def is_slow(path: Path) -> bool:
    """Tell whether looking at a file takes too long for a request: a workbook is opened whole."""
    return excel.is_workbook(path) and path.stat().st_size > SLOW_EXCEL


def sheets(path: Path) -> tuple[str, ...]:
    """Name the sheets of a workbook; any other file has none."""
    return excel.sheets(path) if excel.is_workbook(path) else ()


def first_filled(path: Path, names: tuple[str, ...]) -> str:
    """Name the first sheet that is not empty; one of a single sheet needs no name."""
    if len(names) < 2:
        return ""
    return next((name for name in names if excel.is_filled(path, name)), names[0])


@contextmanager
def head(path: Path, sheet: str = "") -> Iterator[Path]:
    """Give a file, or of a long one a copy of its first lines."""
    with TemporaryDirectory(prefix="kizuna-") as name:
        folder = Path(name)
        if excel.is_workbook(path):
            yield excel.to_csv(path, folder, sheet or None, HEAD_ROWS).path
        elif (first := _first_bytes(path)) is None:
            yield path
        else:
            copy = folder / f"head{path.suffix}"
            copy.write_bytes(first)
            yield copy


def _first_bytes(path: Path) -> bytes | None:
    """Give whole lines from the beginning of a long text file; none of what can be read in place.

    A compressed file is opened no further than that: it may be a thousand times longer than it
    looks.
    """
    with path.open("rb") as file:
        data = file.read(HEAD)
    if data.startswith(GZIP):
        return _lines(_unpacked(data)) or None
    if data.startswith(PARQUET) or path.stat().st_size <= HEAD:
        return None
    return _lines(data)


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(data, HEAD)
    except zlib.error:
        return b""


def _lines(data: bytes) -> bytes:
    """Cut after the last line end, which in UTF-16 is two bytes; a single line stays whole."""
    if len(data) < HEAD:
        return data
    if data.startswith(UTF16):
        text = data.decode("utf-16", errors="ignore")
        return (text.rpartition("\n")[0] or text).encode("utf-16")
    return data.rpartition(b"\n")[0] or data
