"""Where files of imports lie: uploads of ours, and a folder that the operator allows."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_noop

from kizuna.pipeline.capture import excel
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store
from kizuna.web.capture.imports import heads, loads

type Upload = UploadedFile[Any]

SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".gz")
FULL = gettext_noop(
    "The disk of the server is full. Nothing was half-done; free some space, then try again."
)
A_DAY = 86_400.0
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_ROOM_SAID = ("No space left on device", "File too large", "Disk quota exceeded")
"""How engines that keep no number say that a disk is full."""


def store() -> Store:
    """Give the store of this installation."""
    return Store(Path(settings.KIZUNA_HOME) / "store")


def folder_of(batch: str) -> Path:
    """Give the folder of one import."""
    return Path(settings.KIZUNA_HOME) / "uploads" / "imports" / batch


@contextmanager
def kept(batch: str) -> Iterator[Path]:
    """Make the folder of an import; where what follows fails, leave nothing of it."""
    folder = folder_of(batch)
    try:
        folder.mkdir(parents=True, mode=0o700)
        yield folder
    except BaseException as error:
        forget(batch)
        if is_full(error):
            raise InputError(FULL) from error
        raise


def keep(folder: Path, file: Upload) -> Path:
    """Write an upload into the folder of its import, chunk by chunk."""
    path = folder / f"file{_suffix(file.name or '')}"
    with path.open("wb") as target:
        for chunk in file.chunks():
            target.write(chunk)
    return path


def adopt(folder: Path, path: Path, name: str) -> Path:
    """Move a file of ours into the folder of its import."""
    target = folder / f"file{_suffix(name) or _suffix(path.name)}"
    return Path(shutil.move(path, target))


def sheet_of(batch: str) -> Path:
    """Say where the sheet lies that was chosen of a workbook."""
    return folder_of(batch) / "sheet.csv"


def sheet_copied(batch: str, path: Path, sheet: str) -> Path:
    """Copy a sheet of a workbook to where it is read; the same rows give the same bytes."""
    folder = folder_of(batch)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(dir=folder) as work:
        return excel.to_csv(path, Path(work), sheet).path.replace(sheet_of(batch))


def sweep(*, known: Collection[str], now: float) -> None:
    """Delete parts of uploads that broke off, and folders of imports that nobody knows."""
    parts = Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*")
    for part in (path for path in parts if _is_old(path, now)):
        part.unlink(missing_ok=True)
    folders = folder_of("x").parent.glob("*")
    for folder in (path for path in folders if path.name not in known and _is_old(path, now)):
        shutil.rmtree(folder, ignore_errors=True)


def _is_old(path: Path, now: float) -> bool:
    """Tell what has not been written to for a day: an upload that goes on is written to."""
    try:
        return now - path.stat().st_mtime > A_DAY
    except FileNotFoundError:
        return False


def is_full(error: BaseException) -> bool:
    """Tell whether something failed for want of room on the disk."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return True
    return not isinstance(error, InputError) and any(said in str(error) for said in NO_ROOM_SAID)


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


def previewed(path: Path, name: str, table: str = "", sheet: str = "") -> dict[str, Any]:
    """Look at the head of a file; what is wrong with it is said under the name people know.

    Without a table the one that its headers speak of is guessed.
    """
    with _named(path, name):
        sheets = heads.sheets(path)
        chosen = sheet or heads.first_filled(path, sheets)
        with heads.head(path, chosen) as head, _named(head, name):
            return loads.preview(head, table) | {"sheets": sheets, "sheet": chosen}


@contextmanager
def _named(path: Path, name: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError(str(error).replace(str(path), name)) from error


def _suffix(name: str) -> str:
    found = re.search(r"(\.[a-z0-9]{1,8}){1,2}$", name.lower())
    return found[0] if found else ""


def _allowed_folder() -> Path | None:
    return Path(settings.IMPORT_FOLDER).resolve() if settings.IMPORT_FOLDER else None
