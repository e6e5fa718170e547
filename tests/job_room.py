"""A data folder with a queue of its own, and real workers on it that can be killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, LiteralString

import psycopg

from web_installations import install

HERE = Path(__file__).parent
PACE = {"lease": 2.0, "beat": 0.2, "poll": 0.05, "grace": 0.5}
PATIENCE = 60.0

type Process = subprocess.Popen[bytes]


class Room:
    """Workers, and what they left in the database and on the record."""

    def __init__(
        self, folder: Path, pace: dict[str, float] = PACE, database: str | None = None
    ) -> None:
        self.folder, self.database, self.workers = folder, database, list[Process]()
        self.asked: tuple[str, ...] = ()
        self.environment = {
            **{k: v for k, v in os.environ.items() if k != "DATABASE_URL"},
            "KIZUNA_HOME": str(folder),
            "JOB_TEST_PACE": json.dumps(pace),
            "PYTHONPATH": str(HERE),
            **({"DATABASE_URL": database} if database else {}),
        }

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *trouble: object) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def ask(self, count: int, seconds: float) -> None:
        """Have the next worker fill the queue with jobs of about so many seconds, then work."""
        if not self.database:
            install(self.folder)
        self.asked = (str(count), str(seconds))

    def hire(self, fault: str = "none") -> Process:
        """Start one more worker."""
        self.workers.append(self._start(fault, *self.asked))
        self.asked = ()
        return self.workers[-1]

    def kill(self, chance: Random, fault: str = "none") -> None:
        """Kill a worker as a machine that loses its power would, and start another."""
        victim = self.workers.pop(chance.randrange(len(self.workers)))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.hire(fault)

    def replace_the_dead(self, fault: str = "none") -> None:
        """Start workers again that ended by themselves, as a supervisor does."""
        for worker in [w for w in self.workers if w.poll() is not None]:
            self.workers.remove(worker)
            self.hire(fault)

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """Read from the database."""
        if self.database:
            with psycopg.connect(self.database) as server:
                return server.execute(query).fetchall()
        with closing(sqlite3.connect(self.folder / "db.sqlite3", timeout=20)) as connection:
            return connection.execute(query).fetchall()

    def states(self) -> set[str]:
        """Say in which states the jobs asked for are; others come by the clock meanwhile."""
        asked = "SELECT DISTINCT state FROM jobs_job WHERE task = 'job_examples.marked'"
        return {state for (state,) in self.rows(asked)}

    def record(self, word: str) -> list[int]:
        """Give the numbers of the jobs that wrote a word."""
        path = self.folder / "record"
        lines = path.read_text().splitlines() if path.exists() else []
        return [int(line.split()[1]) for line in lines if line.startswith(word)]

    def _start(self, *arguments: str) -> Process:
        command = [sys.executable, str(HERE / "job_worker.py"), *arguments]
        quiet = (self.folder / "log").open("ab")
        with quiet:
            return subprocess.Popen(
                command, env=self.environment, stdout=quiet, stderr=subprocess.STDOUT
            )


def until(seen: Callable[[], object], patience: float = PATIENCE) -> bool:
    """Wait until something is so; False where it never came."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if seen():
            return True
        time.sleep(0.03)
    return False
