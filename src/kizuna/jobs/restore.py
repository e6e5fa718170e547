"""The restore job: an archive of `kizuna backup` back into a data folder.

Every checksum is compared before anything is touched. What the folder held before is laid aside in
it, not deleted. Who was erased since the backup was taken is known from the digests that lie in the
folder and beside the archive; the caller erases them again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tarfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from kizuna.jobs import postgres_tools
from kizuna.jobs.backup import DUMP, FORMER, MANIFEST, NOT_KEPT, UNPACKED
from kizuna.jobs.tombstones import Tombstones
from kizuna.pipeline.errors import InputError


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: the moment of its state, files, seconds, where it came from and lay."""

    state_at: datetime
    files: int
    seconds: float
    former: Path | None
    former_home: str


def restore(archive: Path, home: Path, *, database_url: str = "") -> Restored:
    """Put an archive in place of what a data folder holds.

    Raises
    ------
    InputError
        When the archive is not whole, is of another kind of database, or somebody is at work.

    """
    started = time.perf_counter()
    said = check(archive)
    kind = "postgresql" if postgres_tools.is_postgres(database_url) else "sqlite"
    if said["database"] != kind:
        raise InputError(f"the backup is of {said['database']}, DATABASE_URL names {kind}")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    _refuse_while_used(home)
    unpacked = Path(mkdtemp(prefix=UNPACKED, dir=home))
    try:
        _unpack(archive, unpacked)
        Tombstones(unpacked).join([home, archive.parent])
        dump = unpacked / DUMP
        if dump.exists():
            postgres_tools.restore(database_url, dump)
            dump.unlink()
        former = _swap(home, unpacked)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    at = datetime.fromisoformat(said["state_at"])
    seconds = time.perf_counter() - started
    return Restored(at, len(said["files"]), seconds, former, said["home"])


def check(archive: Path) -> dict[str, Any]:
    """Compare every file of an archive with its checksum; give what it says of itself.

    Raises
    ------
    InputError
        When it is no backup, or not a whole one.

    """
    try:
        with tarfile.open(archive) as opened:
            found = {entry.name: _sum(opened, entry) for entry in opened if entry.isfile()}
            said: dict[str, Any] = json.load(_read(opened, MANIFEST))
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise InputError(f"{archive}: this is no whole backup of Kizuna") from error
    found.pop(MANIFEST)
    wanted = {name: file["sha256"] for name, file in said["files"].items()}
    differing = sorted(
        name for name in wanted.keys() | found if wanted.get(name) != found.get(name)
    )
    if differing:
        raise InputError(f"{archive}: {differing[0]} is not as it was written")
    return said


def _sum(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    content = archive.extractfile(entry)
    if content is None:
        raise KeyError(entry.name)
    whole = hashlib.sha256()
    while block := content.read(1 << 20):
        whole.update(block)
    return whole.hexdigest()


def _read(archive: tarfile.TarFile, name: str) -> Any:
    content = archive.extractfile(name)
    if content is None:
        raise KeyError(name)
    return content


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (folder / MANIFEST).unlink()


def _refuse_while_used(home: Path) -> None:
    """Refuse where another process has the database open: it would go on in the former one."""
    path = home / "db.sqlite3"
    if not path.exists():
        return
    with closing(sqlite3.connect(path, timeout=0.2, isolation_level=None)) as connection:
        try:
            # leaving WAL needs the database for oneself
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:
            raise InputError(f"{home} is in use: stop Kizuna first") from None
        except sqlite3.DatabaseError:
            return  # damaged: that is what the backup is for


def _swap(home: Path, unpacked: Path) -> Path | None:
    """Lay aside what lies in the folder, and put what was unpacked in its place."""
    # earlier copies laid aside, and what starts make anew, stay where they are
    there = [p for p in home.iterdir() if not _stays(p)]
    former = Path(mkdtemp(prefix=FORMER, dir=home)) if there else None
    for path in there:
        if former:
            path.rename(former / path.name)
    for path in list(unpacked.iterdir()):
        path.rename(home / path.name)
    return former


def _stays(path: Path) -> bool:
    return path.name in NOT_KEPT or path.name.startswith((FORMER, UNPACKED))
