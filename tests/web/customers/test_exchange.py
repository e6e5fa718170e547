"""Who reads the mirror while it is exchanged meets the whole of it; a kill leaves the whole of it.

Each promise has a twin: the same exchange made without a transaction, which must be found.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

import mirror_room
from published_shop import VALUED, refreshed_shop
from web_installations import install
from web_postgres import installed_database, new_database, postgres

pytestmark = pytest.mark.slow
MADE = "made"
"""The database that those of the tests are copied from."""
COUNT = "SELECT count(*) FROM customers_customerfact"


@dataclass(frozen=True, slots=True)
class Room:
    """An installation on a database, and what its mirror holds."""

    home: Path
    url: str | None
    versions: str

    def run(self, *modes: str) -> subprocess.Popen[bytes]:
        """Write the mirror in a process."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("KIZUNA_")}
        kept |= {"KIZUNA_HOME": str(self.home), "KIZUNA_TEST_VERSIONS": self.versions}
        kept |= {"DATABASE_URL": self.url} if self.url else {}
        return subprocess.Popen([sys.executable, mirror_room.__file__, *modes], env=kept)

    def read(self) -> int | str:
        """Count the rows as anybody may at any time, or say what went wrong."""
        try:
            with closing(self._connected()) as connection:
                return int(connection.execute(COUNT).fetchone()[0])
        except (sqlite3.Error, psycopg.Error) as error:
            return type(error).__name__

    def _connected(self) -> sqlite3.Connection | psycopg.Connection:
        if self.url:
            return psycopg.connect(self.url)
        return sqlite3.connect(self.home / "db.sqlite3", timeout=30)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Publish the shop on either database."""
    folder, found = refreshed_shop()
    home, url = Path(shutil.copytree(folder, tmp_path_factory.mktemp("made") / "home")), None
    if request.param == "postgresql":
        url = installed_database(request.getfixturevalue("server"), MADE)
    room = Room(home if url else install(home), url, json.dumps(dict(found.versions)))
    assert room.run("make").wait(300) == 0
    assert room.read() == VALUED
    return room


@pytest.fixture
def room(request: pytest.FixtureRequest, made: Room, tmp_path: Path) -> Room:
    """Give a copy of it all, for one test."""
    home, url = Path(shutil.copytree(made.home, tmp_path / "home")), None
    if made.url:
        name = f"room_{abs(hash(request.node.name))}"
        url = new_database(request.getfixturevalue("server"), name, like=MADE)
    return Room(home, url, made.versions)


def _seen_during(room: Room, *modes: str) -> set[int | str]:
    writer = room.run("mirror", "slow", *modes)
    seen: set[int | str] = set()
    while writer.poll() is None:
        seen.add(room.read())
    assert writer.returncode == 0
    return seen


def _left_by_a_kill(room: Room, *modes: str) -> int | str:
    assert room.run("mirror", "killed", *modes).wait(300) == -signal.SIGKILL
    return room.read()


def test_who_reads_during_the_exchange_meets_every_row(room: Room) -> None:
    assert _seen_during(room) == {VALUED}


def test_readers_would_find_an_exchange_without_a_transaction(room: Room) -> None:
    assert _seen_during(room, "bare") != {VALUED}


def test_a_kill_in_the_middle_of_the_exchange_leaves_every_row(room: Room) -> None:
    assert _left_by_a_kill(room) == VALUED
    assert room.run("mirror").wait(300) == 0
    assert room.read() == VALUED
    assert len(list((room.home / "lists").iterdir())) == 1


def test_a_kill_would_find_an_exchange_without_a_transaction(room: Room) -> None:
    assert _left_by_a_kill(room, "bare") != VALUED
