"""A backup holds one state of everything, taken under load, and comes back whole or not at all."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pytest

from kizuna.jobs import backup as job
from kizuna.jobs.backup import Backup, archives, backup, prune
from kizuna.jobs.restore import check, restore
from kizuna.jobs.tombstones import Tombstones
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store
from tests import moving_messages

ROUNDS = int(os.environ.get("KIZUNA_BACKUP_ROUNDS", "4"))
NOW = datetime(2026, 4, 1, tzinfo=UTC)


class Load:
    """A process that works on a data folder, and what it said is on the disk."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, moving_messages.__file__, str(home)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.said: list[tuple[int, float]] = []
        self.reader = Thread(target=self._read, daemon=True)
        self.reader.start()

    def wait_for(self, number: int) -> None:
        """Wait until so many messages were acknowledged."""
        until = time.monotonic() + 60
        while not self.said or self.said[-1][0] < number:
            assert time.monotonic() < until, "the load does not get on"
            time.sleep(0.01)

    def acknowledged_by(self, moment: float) -> int:
        """Give how many messages were acknowledged at a moment."""
        return max((n for n, at in self.said if at <= moment), default=0)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            number, at = line.split()
            self.said.append((int(number), float(at)))


@contextmanager
def load(home: Path) -> Iterator[Load]:
    """Work on a data folder meanwhile."""
    found = Load(home)
    try:
        yield found
    finally:
        found.kill()


def lost_and_double(
    tmp_path: Path, loaded: Load, taken: list[tuple[float, Backup]]
) -> tuple[int, int]:
    """Restore each backup into a folder of its own; count what is missing and what is twice."""
    lost = double = 0
    for at, (moment, found) in enumerate(taken):
        home = tmp_path / f"restored-{at}"
        restore(found.path, home)
        numbers = moving_messages.gathered(home)
        # a hole before the latest message is a loss too
        until = max(loaded.acknowledged_by(moment), max(numbers) + 1)
        lost += len(set(range(until)) - set(numbers))
        double += len(numbers) - len(set(numbers))
    return lost, double


def taken_under_load(tmp_path: Path) -> tuple[Load, list[tuple[float, Backup]]]:
    """Take backups while messages come in and move."""
    with load(tmp_path / "home") as loaded:
        taken = []
        for at in range(ROUNDS):
            loaded.wait_for((at + 1) * 100)
            moment = time.monotonic()
            taken.append((moment, take(tmp_path / "home", tmp_path / "backups", at)))
    return loaded, taken


def test_backups_under_load_lose_nothing_acknowledged_and_hold_nothing_twice(
    tmp_path: Path,
) -> None:
    loaded, taken = taken_under_load(tmp_path)
    assert lost_and_double(tmp_path, loaded, taken) == (0, 0)


def test_the_test_bites_where_the_tables_are_taken_before_the_inbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = job._pin

    def wrong(home: Path, stage: Path, database_url: str) -> None:
        job._link(home, home / "store", stage)
        time.sleep(0.3)  # a large store takes its time
        monkeypatch.setattr(job, "_link", lambda *said: None)
        right(home, stage, database_url)
        monkeypatch.undo()

    with load(tmp_path / "home") as loaded:
        loaded.wait_for(100)
        monkeypatch.setattr(job, "_pin", wrong)
        moment = time.monotonic()
        found = take(tmp_path / "home", tmp_path / "backups")
    assert lost_and_double(tmp_path, loaded, [(moment, found)])[0] > 0


def test_a_backup_that_is_killed_leaves_no_archive_and_the_next_one_clears_up(
    tmp_path: Path,
) -> None:
    home, folder = installation(tmp_path)
    (home / "uploads").mkdir()
    (home / "uploads" / "large").write_bytes(os.urandom(30_000_000))
    command = (
        f"from tests.jobs.test_backup import *; take(Path({str(home)!r}), Path({str(folder)!r}))"
    )
    for _round in range(3):
        process = subprocess.Popen([sys.executable, "-c", command])
        until = time.monotonic() + 30
        while not list(home.glob(".backup-*")) and time.monotonic() < until:
            time.sleep(0.005)
        process.kill()
        process.wait()
    for found in archives(folder):
        check(found)  # a kill may come after the end: then the archive is whole
    whole = take(home, folder, 1)
    check(whole.path)
    assert list(home.glob(".backup-*")) == []


def test_what_comes_back_equals_what_went_in(tmp_path: Path) -> None:
    home, folder = installation(tmp_path)
    found = take(home, folder)
    restored = restore(found.path, tmp_path / "new")
    assert (restored.state_at, restored.former) == (found.state_at, None)
    assert Store(tmp_path / "new" / "store").read("customers").num_rows == 2
    assert (tmp_path / "new" / "secret-key").read_text() == "key"
    with closing(sqlite3.connect(tmp_path / "new" / "db.sqlite3")) as database:
        assert database.execute("SELECT name FROM people").fetchall() == [("Aiko",)]


def test_versions_of_a_table_come_back_too(tmp_path: Path) -> None:
    home, folder = installation(tmp_path)
    tables = Store(home / "store")
    tables.write("customers", pa.table({"customer_id": ["c"]}))
    restore(take(home, folder).path, tmp_path / "new")
    assert Store(tmp_path / "new" / "store").read("customers", 0).num_rows == 2


def test_a_restore_lays_aside_what_was_there(tmp_path: Path) -> None:
    home, folder = installation(tmp_path)
    found = take(home, folder)
    (home / "secret-key").write_text("later")
    former = restore(found.path, home).former
    assert former is not None
    assert (former / "secret-key").read_text() == "later"
    assert (home / "secret-key").read_text() == "key"


@pytest.mark.parametrize("fault", ["flipped", "cut", "no archive"])
def test_an_archive_that_is_damaged_is_refused_and_nothing_is_touched(
    tmp_path: Path, fault: str
) -> None:
    home, folder = installation(tmp_path)
    path = take(home, folder).path
    data = bytearray(path.read_bytes())
    if fault == "flipped":
        at = data.find(b"PAR1")
        data[at + 10] ^= 1
    path.write_bytes({"cut": data[: len(data) // 2], "no archive": b"x" * 2000}.get(fault, data))
    with pytest.raises(InputError):
        restore(path, home)
    assert (home / "secret-key").read_text() == "key"
    assert list(home.glob(".before-*")) == []


def test_a_restore_is_refused_while_somebody_works(tmp_path: Path) -> None:
    home, folder = installation(tmp_path)
    path = take(home, folder).path
    with closing(sqlite3.connect(home / "db.sqlite3")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("SELECT * FROM people").fetchall()
        with pytest.raises(InputError, match="in use"):
            restore(path, home)


def test_an_archive_is_its_owners_alone(tmp_path: Path) -> None:
    home, folder = installation(tmp_path)
    assert take(home, folder).path.stat().st_mode & 0o777 == 0o600


def test_an_older_backup_learns_of_later_erasures_from_the_folder_and_from_beside_it(
    tmp_path: Path,
) -> None:
    home, folder = installation(tmp_path)
    older = take(home, folder).path
    Tombstones(home).add(["hana@example.com"], NOW)
    take(home, folder, 1)
    restore(older, tmp_path / "elsewhere")
    restore(older, home)
    for place in (home, tmp_path / "elsewhere"):
        assert Tombstones(place).among(["HANA@example.com", "x"]) == {"HANA@example.com"}


def test_former_archives_go_but_never_the_last(tmp_path: Path) -> None:
    home, folder = installation(tmp_path)
    made = [take(home, folder, at).path for at in range(3)]
    assert prune(folder, 0) == made[:2]
    assert archives(folder) == made[2:]


def test_an_archive_holds_no_lock_and_no_part_of_an_upload(tmp_path: Path) -> None:
    home, folder = installation(tmp_path)
    (home / "uploads" / "part").mkdir(parents=True)
    (home / "uploads" / "part" / "x.upload").write_text("half")
    (home / "lists").mkdir()
    (home / "lists" / "customers-1.arrow").write_text("made anew")
    (home / "start.lock").touch()
    with tarfile.open(take(home, folder).path) as archive:
        names = set(archive.getnames())
    assert not names & {"start.lock", "uploads/part/x.upload", "lists/customers-1.arrow"}


def installation(tmp_path: Path) -> tuple[Path, Path]:
    """Make a small data folder, and say where its backups go."""
    home = tmp_path / "home"
    Store(home / "store").write("customers", pa.table({"customer_id": ["a", "b"]}))
    (home / "secret-key").write_text("key")
    with closing(sqlite3.connect(home / "db.sqlite3")) as database:
        database.execute("CREATE TABLE people (name TEXT)")
        database.execute("INSERT INTO people VALUES ('Aiko')")
        database.commit()
    return home, tmp_path / "backups"


def take(home: Path, folder: Path, second: int = 0) -> Backup:
    """Take a backup at a second of the day."""
    return backup(home, folder, at=NOW + timedelta(seconds=second))
