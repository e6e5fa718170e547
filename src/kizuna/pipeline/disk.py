"""Tables outlast a loss of power: commits are synced, and one half written is taken back.

deltalake leaves to the operating system when files reach the disk. After a loss of power an entry
of the log may be empty, or name rows that are not there, and such a table cannot be read. So each
commit is synced before anyone builds upon it: rows, then their entry, then names. At most the last
commit can then be torn, which nobody was told of; `mend` takes it back.

An entry may break off after any of its lines and still read well: it removes files, and does not
add the one that they were joined into. Its first line tells what the others are; an entry that has
fewer is torn.

A file is taken to be whole when it has its length: file systems bring the bytes to the disk before
the length (ext4 with `data=ordered`, which is usual, XFS, Btrfs).
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

LOG: Final = "_delta_log"
DIGITS: Final = 20
POINTER: Final = "_last_checkpoint"
PACKED: Final = b"PAR1"
BATCH: Final = "kizuna.batch"
"""In the first line of an entry: that a batch's number is among the others."""
UNSURE: Final = 8
"""So many commits at the end may be others', who were killed or have not synced them yet."""


def last_commit(table: Path) -> int:
    """Give the number of a table's last commit; -1: there is none."""
    number = _pointed(table)
    if number is None:
        return max((_number(path) for path in (table / LOG).glob("*.json")), default=-1)
    # a log may have a hundred thousand entries: from the checkpoint on, few are looked for
    while _named(table, number + 1, "json").exists():
        number += 1
    return number


def keep(table: Path, after: int) -> None:
    """Have all that commits after one wrote outlast a loss of power."""
    numbers = range(max(after, -1) + 1, last_commit(table) + 1)
    entries = [path for number in numbers for path in _of(table, number)]
    for path in entries:
        for name in _rows_of(path):
            sync(table / name)
    for path in [*entries, table / LOG / POINTER]:
        sync(path)
    for folder in (table / LOG, table, table.parent):
        sync(folder)


def keep_latest(table: Path) -> None:
    """Have also those commits outlast a loss of power whose writers were killed before they did."""
    keep(table, unsure_after(table))


def unsure_after(table: Path) -> int:
    """Give the number of the last commit that is on the disk for sure while others write."""
    return last_commit(table) - UNSURE


def mend(table: Path) -> list[int]:
    """Take back commits at the end that a loss of power left half written; give their numbers."""
    torn = []
    while _is_torn(table, number := last_commit(table)):
        for path in _of(table, number):
            path.unlink()
        torn.append(number)
    if torn or not _pointer_is_good(table):
        (table / LOG / POINTER).unlink(missing_ok=True)
    if last_commit(table) < 0:
        shutil.rmtree(table / LOG)  # else it would be taken for a table
    for folder in (table / LOG, table):
        sync(folder)
    return torn


def is_torn(table: Path) -> bool:
    """Whether there is anything to mend."""
    number = last_commit(table)
    return number < 0 or _is_torn(table, number) or not _pointer_is_good(table)


def _is_torn(table: Path, number: int) -> bool:
    if not all(_ends_well(path) for path in _of(table, number) if path.suffix == ".parquet"):
        return True
    entry = _named(table, number, "json")
    if number < 0 or not entry.exists():
        return False
    try:
        return not _is_all_there(entry) or any(
            _size(table / name) != size for name, size in _added(entry)
        )
    except (ValueError, KeyError, TypeError):
        return True


def _pointer_is_good(table: Path) -> bool:
    """Whether the note of the last checkpoint, where there is one, names a whole one."""
    if not (table / LOG / POINTER).exists():
        return True
    number = _pointed(table)
    return number is not None and _ends_well(_named(table, number, "checkpoint.parquet"))


def _pointed(table: Path) -> int | None:
    """Give the number of the last checkpoint as it is noted; None: there is no readable note."""
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        return int(json.loads((table / LOG / POINTER).read_bytes())["version"])
    return None


def _ends_well(path: Path) -> bool:
    content = path.read_bytes() if path.exists() else b""
    return len(content) > len(PACKED) and content.startswith(PACKED) and content.endswith(PACKED)


def _of(table: Path, number: int) -> list[Path]:
    """List what the log has of one commit: its entry, and a checkpoint where there is one."""
    named = (_named(table, number, ending) for ending in ("json", "checkpoint.parquet"))
    return [path for path in named if path.exists()] if number >= 0 else []


def _named(table: Path, number: int, ending: str) -> Path:
    return table / LOG / f"{number:0{DIGITS}}.{ending}"


def _number(path: Path) -> int:
    digits = path.name[:DIGITS]
    return int(digits) if digits.isdigit() else -1


def _rows_of(entry: Path) -> list[str]:
    """Name the files that an entry of the log adds."""
    if entry.suffix != ".json":
        return []
    with suppress(FileNotFoundError, ValueError):
        return [name for name, _size in _added(entry)]
    return []


def _added(entry: Path) -> Iterator[tuple[str, int]]:
    """Give the files that an entry of the log adds, with their lengths."""
    for said in _lines(entry):
        if "add" in said:
            yield unquote(said["add"]["path"]), int(said["add"]["size"])


def _is_all_there(entry: Path) -> bool:
    """Whether an entry has all lines that its first one tells of."""
    lines = _lines(entry)
    found = Counter(kind for line in lines for kind in line)
    return all(found[kind] >= many for kind, many in _told(entry, lines).items())


def _told(entry: Path, lines: Sequence[dict[str, Any]]) -> dict[str, int]:
    first: dict[str, Any] = lines[0].get("commitInfo", {})
    counts = first.get("operationMetrics") or {}
    told = {
        "add": int(counts.get("num_added_files", counts.get("numFilesAdded", 0))),
        "remove": int(counts.get("num_removed_files", counts.get("numFilesRemoved", 0))),
        "txn": int(BATCH in first),
    }
    is_first = _number(entry) == 0
    return told | {"protocol": int(is_first), "metaData": int(is_first)}


def _lines(entry: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in entry.read_bytes().splitlines()]
    if not lines:
        raise ValueError(entry)
    return lines


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def sync(path: Path) -> None:
    """Have a file or a folder be on the disk."""
    # another process may tidy up at the same time
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
