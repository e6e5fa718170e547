"""The backup job: one file that holds the whole installation, taken while it goes on working.

First a state is pinned: the inbox, the database, then the files. What is acknowledged is in the
inbox or in the tables; since the inbox is taken first, what moves from one to the other meanwhile
is in both, and the numbers of batches and messages tell the drain not to write it twice. Then it is
written into one archive with a checksum for each file. It gets its name when it is whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from kizuna import __version__
from kizuna.jobs import postgres_tools
from kizuna.jobs.tombstones import Tombstones
from kizuna.pipeline.errors import InputError

MANIFEST, DUMP = "manifest.json", "postgresql.dump"
STAGING, FORMER, UNPACKED = ".backup-", ".before-", ".restoring-"
INBOX = "inbox.sqlite3"
NOT_KEPT = {
    "lists",
    "locale",
    "static",
    "start.lock",
    "uploads/part",
    ".import-lock",
    ".write-lock",
    ".drain-lock",
}
"""What is made anew at each start, or belongs to a moment."""
SQLITE_BESIDE = ("-wal", "-shm", "-journal")
LOG_FILE = re.compile(r"(\d{20})\.(json|checkpoint)")
TRIES = 5


@dataclass(frozen=True, slots=True)
class Backup:
    """An archive, the moment whose state it holds, what it took, and what is in it."""

    path: Path
    state_at: datetime
    seconds: float
    files: int
    size: int


def backup(home: Path, folder: Path, *, at: datetime, database_url: str = "") -> Backup:
    """Write the installation of a data folder into an archive in `folder`.

    What was acknowledged before `at` is in it.

    Raises
    ------
    InputError
        When there is no installation, or the tools of its database are missing.

    """
    if not home.is_dir():
        raise InputError(f"{home}: there is no data folder")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    Tombstones(home).keys()
    started = time.perf_counter()
    with _staged(home) as stage:
        _pin(home, stage, database_url)
        name = f"kizuna-{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.tar"
        files = _write(stage, folder / name, _head(at, database_url, home))
    _tell_erasures(home, folder)
    size = (folder / name).stat().st_size
    return Backup(folder / name, at, time.perf_counter() - started, files, size)


def archives(folder: Path) -> list[Path]:
    """List the archives of a folder, the oldest first."""
    return sorted(folder.glob("kizuna-*.tar"))


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all archives but the latest `keep`; give those that went."""
    gone = archives(folder)[: -max(keep, 1)]
    for path in gone:
        path.unlink()
    return gone


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy one consistent state of a database, while others go on reading and writing."""
    with (
        _connected(f"file:{source}?mode=ro") as ours,
        _connected(f"file:{target}?mode=rwc") as copy,
    ):
        ours.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        if copy.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise InputError(f"{source}: the database is damaged")


def _pin(home: Path, stage: Path, database_url: str) -> None:
    """Hold one state: the inbox before the database, the database before the tables."""
    databases = sorted(home.glob("*.sqlite3"), key=lambda path: (path.name != INBOX, path.name))
    for path in databases:
        copy_sqlite(path, stage / path.name)
    if postgres_tools.is_postgres(database_url):
        postgres_tools.dump(database_url, stage / DUMP)
    for path in sorted(home.iterdir()):
        if not _is_passed_over(home, path) and path.suffix != ".sqlite3":
            _link(home, path, stage)


def _link(home: Path, path: Path, stage: Path) -> None:
    if path.is_dir() and (path / "_delta_log").is_dir():
        _link_table(path, stage / path.relative_to(home))
    elif path.is_dir():
        (stage / path.relative_to(home)).mkdir(exist_ok=True, parents=True)
        for inner in sorted(path.iterdir()):
            if not _is_passed_over(home, inner):
                _link(home, inner, stage)
    elif path.is_file():
        _same(path, stage / path.relative_to(home))


def _link_table(path: Path, target: Path) -> None:
    """Pin a table: its log up to a version, then the files; again where a vacuum came between."""
    from kizuna.pipeline.store import Store

    for attempt in range(TRIES):
        log = sorted(f for f in (path / "_delta_log").iterdir() if LOG_FILE.match(f.name))
        try:
            for file in (*log, *(f for f in path.iterdir() if f.suffix == ".parquet")):
                _same(file, target / file.relative_to(path))
            pinned = Store(target.parent).files(target.name)
            if all(Path(file).exists() for file in pinned):
                return
        except FileNotFoundError:
            if attempt == TRIES - 1:
                raise
        shutil.rmtree(target)
    raise InputError(f"the table {path.name} was cleared away while it was being copied")


def _same(path: Path, target: Path) -> None:
    """Give a file a second name, for nobody changes it; where that cannot be, copy it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet" or LOG_FILE.match(path.name):
        try:
            os.link(path, target)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(path, target)
    else:
        shutil.copyfile(path, target)


def _is_passed_over(home: Path, path: Path) -> bool:
    """Whether a file belongs to a moment alone, or to another backup."""
    name = str(path.relative_to(home))
    return (
        name in NOT_KEPT
        or path.name in NOT_KEPT
        or path.name.startswith((STAGING, FORMER, UNPACKED))
        or path.name.endswith(SQLITE_BESIDE)
        or path.is_symlink()
    )


@contextmanager
def _staged(home: Path) -> Iterator[Path]:
    """Open a folder beside the files, and clear away those that killed backups left."""
    for left in home.glob(f"{STAGING}*"):
        if not _is_alive(left):
            shutil.rmtree(left, ignore_errors=True)
    stage = Path(mkdtemp(prefix=f"{STAGING}{os.getpid()}-", dir=home))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _is_alive(left: Path) -> bool:
    process = left.name.removeprefix(STAGING).partition("-")[0]
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _head(state_at: datetime, database_url: str, home: Path) -> dict[str, object]:
    kind = "postgresql" if postgres_tools.is_postgres(database_url) else "sqlite"
    return {
        "kizuna": __version__,
        "state_at": state_at.isoformat(),
        "database": kind,
        "home": str(home.resolve()),
    }


def _write(stage: Path, path: Path, head: dict[str, object]) -> int:
    """Write the archive; until it is whole and on the disk it has another name."""
    part = path.with_suffix(".part")
    found: dict[str, dict[str, object]] = {}
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for source in sorted(f for f in stage.rglob("*") if f.is_file()):
                name = str(source.relative_to(stage))
                archive.add(source, name, recursive=False)
                found[name] = {"size": source.stat().st_size, "sha256": checksum(source)}
            _add_text(archive, MANIFEST, json.dumps(head | {"files": found}, ensure_ascii=False))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync_folder(path.parent)
    return len(found)


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    archive.addfile(entry, io.BytesIO(data))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tell_erasures(home: Path, folder: Path) -> None:
    """Lay the digests of the erased beside the archives, for the day when only these are left."""
    if Tombstones(home).path.exists():
        Tombstones(folder).join([home])


@contextmanager
def _connected(uri: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()
