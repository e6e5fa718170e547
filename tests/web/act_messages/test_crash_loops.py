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
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from kizuna.web.act.messages.sending import WINDOW
from post_office import Elsewhere
from web_installations import environment, free_port, install

HERE = Path(__file__).parents[2]
ROUGH = {
    "refuse": 0.02, "later": 0.1, "data_later": 0.05, "data_refused": 0.01,
    "hang_up_before": 0.02, "hang_up_after": 0.02, "mute": 0.002,
}  # fmt: skip
STATES = "SELECT state, count(*) FROM act_messages_outboxmessage GROUP BY 1"
pytestmark = pytest.mark.slow


class Room:
    """A data folder, a mail server, and workers that are killed and started again."""

    def __init__(self, folder: Path, office: Elsewhere, port: int) -> None:
        self.home, self.office = install(folder), office
        self.kills = self.falls = 0
        self.told_at, self.ends = time.monotonic(), float("inf")
        self.environment = {
            **environment(self.home, KIZUNA_SMTP_HOST="127.0.0.1", KIZUNA_SMTP_PORT=str(port)),
            "KIZUNA_SMTP_TLS": "none",
            "DJANGO_SETTINGS_MODULE": "kizuna.web.settings",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")])),
        }

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a worker."""
        command = [sys.executable, str(HERE / "outbox_worker.py"), *arguments]
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def line_up(self, count: int) -> None:
        """Line messages up."""
        assert self.start("ask", str(count)).wait() == 0, (self.home / "log").read_text()

    def run(self, kills: int, every: float, workers: int, *pace: str) -> None:
        """Send, and kill one of the workers so many times in between, whichever it is."""
        chance = Random(kills)
        at_work = [self.start("work", *pace) for _worker in range(workers)]
        while self._sends_on(at_work, *pace):
            time.sleep(chance.random() * every)
            number = chance.randrange(workers)
            if self.kills < kills and at_work[number].poll() is None:
                at_work[number].send_signal(signal.SIGKILL)
                at_work[number].wait()
                self.kills += 1
                at_work[number] = self.start("work", *pace)

    def _sends_on(self, at_work: list[subprocess.Popen[bytes]], *pace: str) -> bool:
        """Wait for the next mail; say whether any is to come. Who fell is started again."""
        begun = self.office.arrived
        while self.office.arrived == begun:
            for number, worker in enumerate(at_work):
                if worker.poll() not in (None, 0):
                    self.falls += 1
                    at_work[number] = self.start("work", *pace)
            if all(worker.poll() == 0 for worker in at_work):
                return False
            time.sleep(0.01)
        if time.monotonic() > self.told_at + 60:
            self.tell()
            if time.monotonic() > self.ends:
                self.start("cancel").wait()
        return True

    def tell(self) -> None:
        """Print how far it has come, once a minute."""
        self.told_at = time.monotonic()
        sent, load = self.office.arrived, os.getloadavg()[0]
        told = f"{sent} mails, {self.kills} kills, {self.falls} falls, load {load:.1f}"
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {told}, {self.rows(STATES)}\n")

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


@contextmanager
def opened(folder: Path, **shares: float) -> Iterator[Room]:
    """Open a room whose mail server has every fault there is."""
    port = free_port()
    office = Elsewhere(port, seed=7, **ROUGH | shares)
    try:
        yield Room(folder, office, port)
    finally:
        office.close()


def held_to_its_promise(room: Room, count: int) -> None:
    """Each customer is written to at most once, those who must not be never, and all is told."""
    states = room.rows(STATES)
    assert sum(states.values()) == count
    assert set(states) <= {"sent", "uncertain", "dropped", "refused"}
    assert (room.twice, room.unwanted) == (0, 0)
    habits = room.office.habits
    in_doubt = habits["hang_up_after"] + habits["mute"]
    assert in_doubt <= states["uncertain"] <= in_doubt + WINDOW * (room.kills + room.falls)
    arrived = room.office.arrived
    assert states["sent"] <= arrived <= states["sent"] + states["uncertain"]
    deeds = room.rows("SELECT 'n', count(*) FROM actions_deed")["n"]
    assert deeds == states["sent"] + states["uncertain"]


def test_nobody_is_written_to_twice_whoever_is_killed(tmp_path: Path) -> None:
    with opened(tmp_path) as room:
        room.line_up(90)
        room.run(1, 0.2, 2, "--lease=3", "--at-once=16", "--timeout=2")
        assert (room.kills, room.falls) == (1, 0), (room.home / "log").read_text()[-3000:]
        held_to_its_promise(room, 90)


@pytest.mark.soak
def test_a_great_many_recipients(tmp_path: Path) -> None:
    """Take RECIPIENTS of them and WORKERS; LINED_UP is a folder in which they are already.

    What still waits after so many MINUTES is cancelled while the workers send.
    """
    asked = os.environ.get
    count, workers = int(asked("RECIPIENTS", "100000")), int(asked("WORKERS", "4"))
    with opened(Path(asked("LINED_UP", str(tmp_path))), mute=0.00002) as room:
        if "LINED_UP" not in os.environ:
            room.line_up(count)
        room.ends = time.monotonic() + 60 * float(asked("MINUTES", "inf"))
        pace = ("--lease=30", "--at-once=256", "--timeout=10")
        room.run(max(3, count // 5000), float(asked("EVERY", "20")), workers, *pace)
        room.tell()
        held_to_its_promise(room, count)
