"""Starting the application: the database brought up to date, then gunicorn and the worker."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from kizuna.pipeline.errors import InputError
from kizuna.web import lifeline

ADVISORY_LOCK: Final = 5_431_702  # any number, the same for every start
RESTART_SECONDS: Final = 2.0
PATIENCE_SECONDS: Final = 40.0


@dataclass(frozen=True)
class Address:
    """Where the application listens."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def check_free(self) -> None:
        """Refuse an address where something listens already, or that is not this machine's."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise InputError(f"{self}: {error.strerror}; see --host and --port") from None


def prepare() -> None:
    """Load Django and bring the database up to date; of two starts at once the second waits."""
    _set_up()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError, connections

    try:
        with _alone(Path(settings.KIZUNA_HOME)):
            call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"the database cannot be used: {reason}") from None
    connections.close_all()


def serve(address: Address) -> None:
    """Become gunicorn; the process ends with it."""
    command = gunicorn_command(address)
    os.execv(command[0], command)


def serve_with_worker(address: Address) -> int:
    """Run gunicorn and the worker until one is told to stop; give gunicorn's exit code."""
    return Pair(gunicorn_command(address), worker_command()).run()


def _set_up() -> None:
    """Load Django; settings that make no sense are said in one sentence."""
    from dj_database_url import ParseError, UnknownSchemeError

    from kizuna.web import loading

    try:
        loading.load()
    except (ParseError, UnknownSchemeError):
        raise InputError("DATABASE_URL is no address of a database") from None


def work() -> None:
    """Do what is to be done in the background until told to stop."""
    from kizuna.web.act.playbooks.pacing import PLAYBOOKS
    from kizuna.web.capture.events.loop import DRAIN
    from kizuna.web.jobs import worker
    from kizuna.web.jobs.beside import beside
    from kizuna.web.know.alerts.live import LOOKS
    from kizuna.web.know.publications import upgrades

    lifeline.hold(lifeline.leave_or_end)
    upgrades.renew_at_start()
    with beside(DRAIN), beside(LOOKS), beside(PLAYBOOKS):
        worker.run()


def ingest(address: Address) -> None:
    """Take events in until told to stop."""
    from kizuna.web.capture.ingest import server

    server.run(address.host, address.port)


def gunicorn_command(address: Address) -> list[str]:
    """Give the command that answers requests."""
    arguments = ["-c", "python:kizuna.web.gunicorn", "--bind", str(address)]
    return [sys.executable, "-m", "gunicorn", *arguments]


def worker_command() -> list[str]:
    """Give the command that does the work in the background."""
    return [sys.executable, "-m", "kizuna", "work"]


class Pair:
    """Two processes side by side: the second is started again whenever it dies.

    Each holds a lifeline: if this one is killed, both leave by themselves.
    """

    def __init__(self, first: Sequence[str], second: Sequence[str]) -> None:
        self.first, self.second = first, second
        self.stopping = False
        self.line = lifeline.Lifeline()

    def run(self) -> int:
        """Run both until the first ends or we are told to stop; leave neither behind."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        first, second = self._start(self.first), self._start(self.second)
        try:
            while not self.stopping and first.poll() is None:
                second = self._alive(second)
                time.sleep(0.2)
        finally:
            codes = [_end(process) for process in (first, second)]
        return codes[0]

    def _alive(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        if process.poll() is None:
            return process
        time.sleep(RESTART_SECONDS)
        return process if self.stopping else self._start(self.second)

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=self.line.environment, pass_fds=[self.line.read])

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True


def _end(process: subprocess.Popen[bytes]) -> int:
    """Ask a process to finish what it does, and end it where it does not."""
    process.terminate()
    try:
        return process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold off other starts: on this machine by a file, on others by PostgreSQL's own lock."""
    from django.db import connection

    with (folder / "start.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
