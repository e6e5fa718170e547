"""Where files of imports lie: uploads of ours, and a folder that the operator allows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from kizuna.jobs import load as job
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store

type Upload = UploadedFile[Any]

SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".gz")
HEAD = 4_000_000
"""Bytes of a long text file that a preview looks at."""
WHOLE = (b"PAR1", b"PK", b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")
"""Beginnings of files that cannot be cut."""


def store() -> Store:
    """Give the store of this installation."""
    return Store(Path(settings.KIZUNA_HOME) / "store")


def folder_of(batch: str) -> Path:
    """Give the folder of one import."""
    return Path(settings.KIZUNA_HOME) / "uploads" / "imports" / batch


def keep(batch: str, file: Upload) -> Path:
    """Write an upload into the folder of its import, chunk by chunk."""
    folder = folder_of(batch)
    folder.mkdir(parents=True, mode=0o700)
    path = folder / f"file{_suffix(file.name or '')}"
    with path.open("wb") as target:
        for chunk in file.chunks():
            target.write(chunk)
    return path


def forget(batch: str) -> None:
    """Delete the folder of an import."""
    shutil.rmtree(folder_of(batch), ignore_errors=True)


def allowed() -> list[str]:
    """Name the files in the folder that the operator allows."""
    folder = _allowed_folder()
    if folder is None or not folder.is_dir():
        return []
    return sorted(f.name for f in folder.iterdir() if f.is_file() and f.suffix in SUFFIXES)


def in_folder(name: str) -> Path:
    """Find a file of the allowed folder; one outside of it is refused, whatever leads there."""
    folder = _allowed_folder()
    if folder is None:
        raise InputError("no folder is set that files may be taken from")
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise InputError(f"{name}: there is no such file in the folder of files to import")
    return path


def previewed(path: Path, name: str) -> dict[str, Any]:
    """Look at the head of a file; what is wrong with it is said under the name people know."""
    with _head(path) as head:
        try:
            return asdict(job.preview(head))
        except InputError as error:
            raise InputError(str(error).replace(str(head), name)) from error


@contextmanager
def _head(path: Path) -> Iterator[Path]:
    """Give a file, or of a long text file a copy of its first lines."""
    with path.open("rb") as file:
        start = file.read(4)
        if path.stat().st_size <= HEAD or start.startswith(WHOLE):
            yield path
            return
        file.seek(0)
        lines = file.read(HEAD).rpartition(b"\n")[0]
    with TemporaryDirectory(prefix="kizuna-") as folder:
        copy = Path(folder) / f"head{path.suffix}"
        copy.write_bytes(lines or start)
        yield copy


def _suffix(name: str) -> str:
    found = re.search(r"(\.[a-z0-9]{1,8}){1,2}$", name.lower())
    return found[0] if found else ""


def _allowed_folder() -> Path | None:
    return Path(settings.IMPORT_FOLDER).resolve() if settings.IMPORT_FOLDER else None
