"""Text files as the engine wants them: UTF-8, one kind of line end, not compressed.

A file that is so already is read in place. Of any other a copy is made, line for line, so that
line numbers stay those of the file as it was.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kizuna.pipeline.errors import InputError

CHUNK = 1 << 24
SAMPLE = 1 << 20
LOST = "\ufffd"
"""What stands in a copy for bytes that are no text."""
MOST_DAMAGE = 0.3
"""Share of the letters beyond ASCII that may be unreadable in the right encoding."""

LITTLE_DAMAGE = 0.02
"""The same of an encoding that is easily taken for another."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MAGIC = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"PK\x03\x04": "a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"SQLite format 3": "a database",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"BZh": "compressed with bzip2",
}


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that the engine can read, and how it was read.

    Attributes
    ----------
    path : the file itself, or a UTF-8 copy of it.
    encoding : of the file as it was.
    lines : physical lines; blank ones at the end are not counted.

    """

    path: Path
    encoding: str
    lines: int


@dataclass(slots=True)
class _Scan:
    """What one pass over the bytes tells."""

    utf8: bool = True
    lf: int = 0
    crlf: int = 0
    cr: int = 0
    tail: bytes = b""

    @property
    def one_line_end(self) -> bool:
        return self.cr == self.crlf and self.crlf in (0, self.lf)

    @property
    def lines(self) -> int:
        """Lines up to the last that is not blank."""
        blank = self.tail[len(self.tail.rstrip(b"\r\n")) :].count(b"\n")
        return self.lf - blank + 1


def prepare(path: Path, folder: Path) -> TextFile:
    """Make a text file readable: in place where it can be, else as a copy in `folder`.

    Raises
    ------
    InputError
        When the file is empty or holds no text.

    """
    encoding = _encoding_by_mark(path, _head(path))
    scan = _Scan(utf8=False) if encoding else _scan(path)
    if scan.utf8 and scan.one_line_end and not is_gzip(path):
        return TextFile(path, "utf-8", scan.lines)
    encoding = encoding or ("utf-8" if scan.utf8 else guess_encoding(_odd_lines(path)))
    copy = _transcode(path, encoding, folder)
    return TextFile(copy, encoding.removesuffix("-sig"), _scan(copy).lines)


def guess_encoding(data: bytes) -> str:
    """Tell CP932 (Shift_JIS) and EUC-JP from Western text and from damaged UTF-8.

    `data` are the lines beyond ASCII.
    """
    if _damage(data, "utf-8") < MOST_DAMAGE:
        return "utf-8"
    if _is_euc(data):
        return "euc_jp"
    japanese = _looks_japanese(data.decode("cp932", errors="replace"))
    return "cp932" if japanese and _damage(data, "cp932") < MOST_DAMAGE else "cp1252"


def _is_euc(data: bytes) -> bool:
    """Judge whether EUC-JP makes Japanese of what CP932 takes for half-width katakana, or cannot.

    Western letters stand alone, and EUC-JP knows no single byte beyond ASCII.
    """
    if _damage(data, "euc_jp") > LITTLE_DAMAGE:
        return False
    read, other = (data.decode(e, errors="replace") for e in ("euc_jp", "cp932"))
    return _written(read) > _written(other)


def _written(text: str) -> int:
    """Count letters that Japanese is written in, and hold those against it that it rarely is."""
    usual = len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff\uff01-\uff5e]", text))
    return usual - 2 * len(re.findall(r"[\uff61-\uff9f\ufffd]", text))


def _looks_japanese(text: str) -> bool:
    """Judge what CP932 makes of the letters beyond ASCII.

    Japanese comes in runs of such letters, or as single signs beside digits (1200円). In Western
    text they stand alone within words (Café, O’Brien), or are signs of a single byte (£12).
    """
    runs = re.findall(r"[^\x00-\x7f]+", text)
    if sum(map(len, runs)) >= 1.5 * max(len(runs), 1):
        return True
    wide = re.findall(r"[A-Za-z]?[\u3000-\u9fff\uff01-\uff60\uffe0-\uffe6][A-Za-z]?", text)
    alone = sum(1 for sign in wide if len(sign) == 1)
    return 2 * alone > len(runs)


def is_gzip(path: Path) -> bool:
    """Tell by the first two bytes."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def new_file(folder: Path, source: Path) -> Path:
    """Name a copy that is not there yet."""
    number = sum(1 for _ in folder.iterdir())
    return folder / f"{number}-{source.name}"


def _damage(data: bytes, encoding: str) -> float:
    """Share of the letters beyond ASCII that an encoding cannot read."""
    text = data.decode(encoding, errors="replace")
    beyond = sum(1 for letter in text if not letter.isascii())
    return text.count(LOST) / max(beyond, 1)


def _head(path: Path) -> bytes:
    try:
        with _open(path) as file:
            head = file.read(SAMPLE)
    except (OSError, EOFError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    if not head.strip():
        raise InputError(f"{path} is empty: give a file with a header line and orders below it")
    return head


def _encoding_by_mark(path: Path, head: bytes) -> str | None:
    """Read the byte order mark, if there is one; refuse what is no text."""
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    kind = next((what for magic, what in MAGIC.items() if head.startswith(magic)), None)
    if kind or b"\x00" in head:
        raise InputError(
            f"{path} is {kind or 'not text'}: give orders as CSV, JSON Lines, Parquet or Excel "
            "(.xlsx)"
        )
    return None


def _scan(path: Path) -> _Scan:
    scan = _Scan()
    for chunk in _chunks(path):
        scan.utf8 = scan.utf8 and _is_utf8(chunk)
        scan.lf += chunk.count(b"\n")
        scan.crlf += chunk.count(b"\r\n")
        scan.cr += chunk.count(b"\r")
        scan.tail = (scan.tail + chunk)[-4096:]
    return scan


def _is_utf8(chunk: bytes) -> bool:
    if chunk.isascii():
        return True
    try:
        chunk.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _chunks(path: Path) -> Iterator[bytes]:
    """Read large pieces that end with a line."""
    with _open(path) as file:
        while chunk := file.read(CHUNK):
            yield chunk + file.readline()


def _odd_lines(path: Path) -> bytes:
    """Collect lines beyond ASCII, up to the size of a sample."""
    found = b""
    for chunk in _chunks(path):
        lines = (line for line in chunk.splitlines() if not line.isascii())
        for line in lines:
            found += line + b"\n"
            if len(found) > SAMPLE:
                return found
    return found


def _transcode(path: Path, encoding: str, folder: Path) -> Path:
    copy = new_file(folder, path)
    with _open(path) as file, copy.open("w", encoding="utf-8", newline="\n") as target:
        reader = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=None)
        while piece := reader.read(CHUNK):
            target.write(piece)
    return copy


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if is_gzip(path) else path.open("rb")  # type: ignore[return-value]
