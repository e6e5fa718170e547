"""Find files of orders and recognise them: format, delimiter, header, columns, a sample."""

from __future__ import annotations

import csv
import glob
import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from kizuna.pipeline.capture import excel, text_files
from kizuna.pipeline.engine import Engine, identifier, quoted
from kizuna.pipeline.errors import InputError

type Kind = Literal["csv", "jsonl", "parquet"]

DELIMITERS = (",", "\t", ";", "|")
SAMPLE_ROWS = 500
DATA_LIKE = re.compile(r"[¥￥$£€]?[-+]?[\d０-９][\d０-９.,/:\-T ]*")
"""A cell that no header would hold."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of orders.

    Attributes
    ----------
    path : the file as given.
    kind : how it is read; Excel is read as the CSV that it was copied to.
    readable : what the engine reads: the file, or a copy in UTF-8.
    types : column name → type of the engine; all VARCHAR for CSV and JSON Lines.
    sample : column name → the first values, as text.
    encoding : of the file as it was.
    delimiter : between fields of a CSV.
    header_lines : lines before the first row.
    lines : physical lines of a text file.
    broken : lines of a repaired CSV that hold no record, by number; None: not repaired.

    """

    path: Path
    kind: Kind
    readable: Path
    types: dict[str, str]
    sample: dict[str, list[str | None]]
    encoding: str = "utf-8"
    delimiter: str = ","
    header_lines: int = 0
    lines: int = 0
    broken: dict[int, str] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.types)

    def repaired(self, readable: Path, broken: dict[int, str]) -> Source:
        """Read a copy with one record a line instead."""
        return replace(self, readable=readable, broken=broken)


def find(paths: Sequence[Path | str]) -> tuple[list[Path], list[Path]]:
    """Resolve paths and globs to files: (each once, in order; those left out as copies).

    Raises
    ------
    InputError
        When a path is not there, or is a directory, or a glob matches nothing.

    """
    if not paths:
        raise InputError("no file of orders given: name at least one, e.g. orders.csv")
    found = list(dict.fromkeys(file for path in paths for file in _files(path)))
    unique = {file.resolve(): file for file in reversed(found)}
    kept = [file for file in found if unique[file.resolve()] is file]
    return _without_copies(kept)


def recognise(path: Path, engine: Engine, folder: Path) -> Source:
    """Tell what a file is and which columns it has; copies it needs are made in `folder`.

    Raises
    ------
    InputError
        When the file is empty, is no table, or has no columns that can be told apart.

    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == b"PAR1":
        return _parquet(path, engine)
    if magic == b"PK\x03\x04" and path.suffix.lower() in {".xlsx", ".xlsm"}:
        return replace(_csv(excel.to_csv(path, folder)), path=path, encoding="xlsx")
    return replace(_text(path, folder), path=path)


def _files(path: Path | str) -> list[Path]:
    plain = Path(path)
    if plain.is_dir():
        raise InputError(f"{path} is a directory: name the files in it, e.g. '{path}/*.csv'")
    if plain.exists():
        return [plain]
    matches = [Path(name) for name in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207
    if not matches:
        raise InputError(f"{path}: there is no such file")
    return [match for match in matches if not match.is_dir()]


def _without_copies(files: list[Path]) -> tuple[list[Path], list[Path]]:
    """Part files from exact copies of others, which would count every order twice."""
    kept, copies, seen = list[Path](), list[Path](), set[tuple[int, str]]()
    sizes = [file.stat().st_size for file in files]
    for file, size in zip(files, sizes, strict=True):
        key = (size, _digest(file) if sizes.count(size) > 1 else str(file))
        (copies if key in seen else kept).append(file)
        seen.add(key)
    return kept, copies


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _parquet(path: Path, engine: Engine) -> Source:
    scan = f"read_parquet({quoted(str(path))})"
    try:
        described = engine.query(f"DESCRIBE SELECT * FROM {scan}").to_pylist()
        types = {row["column_name"]: str(row["column_type"]) for row in described}
        texts = ", ".join(f"{identifier(c)}::VARCHAR AS {identifier(c)}" for c in types)
        sample = engine.query(f"SELECT {texts} FROM {scan} LIMIT {SAMPLE_ROWS}").to_pydict()
    except Exception as error:
        raise InputError(f"{path} is no readable Parquet file: {_first_line(error)}") from error
    return Source(path, "parquet", path, types, sample)


def _text(path: Path, folder: Path) -> Source:
    text = text_files.prepare(path, folder)
    with text.path.open(encoding="utf-8-sig", errors="replace") as file:
        start = file.read(4096).lstrip()
    if start.startswith("["):
        raise InputError(
            f"{path} is one JSON array: give one object a line (JSON Lines), e.g. with jq -c '.[]'"
        )
    return _jsonl(path, text) if start.startswith("{") else _csv(text)


def _jsonl(path: Path, text: text_files.TextFile) -> Source:
    rows = [row for row in map(_json_object, _first_lines(text.path)) if row is not None]
    if not rows:
        raise InputError(f"{path}: no line is a JSON object; give one object a line")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    sample = {name: [row.get(name) for row in rows] for name in columns}
    return Source(
        path, "jsonl", text.path, dict.fromkeys(columns, "VARCHAR"), sample, text.encoding,
        lines=text.lines,
    )  # fmt: skip


def _json_object(line: str) -> dict[str, str | None] | None:
    """Read one line; values inside objects get dotted names, e.g. customer.id."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return dict(_flat(value)) if isinstance(value, dict) else None


def _flat(value: dict[str, object], prefix: str = "") -> Iterable[tuple[str, str | None]]:
    for key, item in value.items():
        if isinstance(item, dict):
            yield from _flat(item, f"{prefix}{key}.")
        else:
            yield prefix + key, None if item is None else str(item)


def _csv(text: text_files.TextFile) -> Source:
    lines = _first_lines(text.path)
    delimiter = _delimiter(lines)
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    header = not any(DATA_LIKE.fullmatch(cell.strip()) for cell in rows[0])
    before = _blank_lines_before(text.path)
    names = _names(rows[0] if header else [""] * len(rows[0]))
    body = [row for row in rows[header:] if len(row) == len(names)]
    sample = {name: [row[i] or None for row in body] for i, name in enumerate(names)}
    return Source(
        text.path, "csv", text.path, dict.fromkeys(names, "VARCHAR"), sample, text.encoding,
        delimiter, before + (_height(lines, delimiter) if header else 0), text.lines,
    )  # fmt: skip


def _height(lines: list[str], delimiter: str) -> int:
    """Count the lines of the header; a name may hold a line end."""
    reader = csv.reader(lines, delimiter=delimiter)
    next(reader)
    return reader.line_num


def _blank_lines_before(path: Path) -> int:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in itertools.takewhile(lambda line: not line.strip(), file))


def _first_lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [line for line in itertools.islice(file, SAMPLE_ROWS) if line.strip()]


def _delimiter(lines: list[str]) -> str:
    """Choose the delimiter under which most lines have as many fields as the header."""
    return max(DELIMITERS, key=lambda delimiter: _agreement(lines, delimiter))


def _agreement(lines: list[str], delimiter: str) -> tuple[float, int]:
    widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
    alike = sum(width == widths[0] for width in widths) / len(widths)
    return (alike if widths[0] > 1 else 0.0), widths[0]


def _names(header: list[str]) -> list[str]:
    """Name columns by the header; those without a name, or with one taken, by their place."""
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = cell.strip().strip("\ufeff") or f"column{place}"
        names.append(name if name not in names else f"{name}_{place}")
    return names


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
