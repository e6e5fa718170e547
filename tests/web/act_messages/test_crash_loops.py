"""Workers killed at random before a mail server that fails at random: nobody is written to twice.

A mail of which nobody can know whether it arrived is counted and never sent again by itself. The
twins, with a fault put in on purpose, are in `test_sending.py`: they need no worker of their own.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from aiosmtpd.controller import Controller

from kizuna.web.act.messages.sending import WINDOW
from post_office import PostOffice
from web_installations import environment, free_port, install

HERE = Path(__file__).parents[2]
ROUGH = {
    "refuse": 0.02, "later": 0.1, "data_later": 0.05, "data_refused": 0.01,
    "hang_up_before": 0.02, "hang_up_after": 0.02, "mute": 0.002,
}  # fmt: skip
pytestmark = pytest.mark.slow


class Room:
    """A data folder, a mail server, and a worker that is killed and started again."""

    def __init__(self, folder: Path, office: PostOffice, port: int) -> None:
        self.home, self.office, self.kills = install(folder), office, 0
        self.environment = {
            **environment(self.home, KIZUNA_SMTP_HOST="127.0.0.1", KIZUNA_SMTP_PORT=str(port)),
            "KIZUNA_SMTP_TLS": "none",
            "DJANGO_SETTINGS_MODULE": "kizuna.web.settings",
            "PYTHONPATH": str(HERE),
        }

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a worker."""
        command = [sys.executable, str(HERE / "outbox_worker.py"), *arguments]
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def run(self, count: int, kills: int, every: float = 1.0) -> None:
        """Line up, send, and kill the worker so many times in between."""
        assert self.start("ask", str(count)).wait() == 0, (self.home / "log").read_text()
        chance = Random(count)
        worker = self.start("work")
        while self.kills < kills and worker.poll() is None:
            begun = sum(self.office.taken.values())
            while sum(self.office.taken.values()) == begun and worker.poll() is None:
                time.sleep(0.01)
            time.sleep(chance.random() * every)
            if worker.poll() is None:
                worker.send_signal(signal.SIGKILL)
                worker.wait()
                self.kills += 1
                worker = self.start("work")
        assert worker.wait() == 0, (self.home / "log").read_text()[-3000:]

    def rows(self, sql: str) -> dict[str, int]:
        """Count by a column."""
        with closing(sqlite3.connect(self.home / "db.sqlite3")) as database:
            return dict(database.execute(sql).fetchall())

    @property
    def twice(self) -> int:
        """How many mails came on top of the first."""
        return sum(count - 1 for count in self.office.taken.values())

    @property
    def unwanted(self) -> int:
        """How many mails came to those who said no or were held out."""
        held = self.rows("SELECT customer_id, 1 FROM actions_assignment WHERE arm = 'control'")
        names = [address.partition("@")[0] for address in self.office.taken]
        return sum(name in held or int(name[1:]) % 10 == 0 for name in names)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room whose mail server has every fault there is."""
    office, port = PostOffice(seed=7, **ROUGH), free_port()
    office.keep_mails = False
    server = Controller(office, hostname="127.0.0.1", port=port)
    server.start()
    yield Room(tmp_path, office, port)
    server.stop(no_assert=True)


def held_to_its_promise(room: Room, count: int) -> None:
    """Each customer is written to at most once, those who must not be never, and all is told."""
    states = room.rows("SELECT state, count(*) FROM act_messages_outboxmessage GROUP BY 1")
    assert sum(states.values()) == count
    assert set(states) <= {"sent", "uncertain", "dropped", "refused"}
    assert (room.twice, room.unwanted) == (0, 0)
    in_doubt = room.office.habits["hang_up_after"] + room.office.habits["mute"]
    assert in_doubt <= states["uncertain"] <= in_doubt + WINDOW * room.kills
    arrived = sum(room.office.taken.values())
    assert states["sent"] <= arrived <= states["sent"] + states["uncertain"]
    deeds = room.rows("SELECT 'n', count(*) FROM actions_deed")["n"]
    assert deeds == states["sent"] + states["uncertain"]


def test_nobody_is_written_to_twice_whoever_is_killed(room: Room) -> None:
    room.run(90, kills=2, every=0.2)
    assert room.kills == 2
    held_to_its_promise(room, 90)


@pytest.mark.soak
def test_a_great_many_recipients(room: Room) -> None:
    count = int(os.environ.get("RECIPIENTS", "100000"))
    room.office.shares["mute"] = 0.00002
    room.run(count, kills=max(3, count // 5000), every=20)
    held_to_its_promise(room, count)
