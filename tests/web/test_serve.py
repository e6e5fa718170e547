"""Serving: two starts at once, a real socket, and an end in good order."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from kizuna.web.serve import Address, Pair, gunicorn_command
from web_installations import environment, free_port, install, start

PATIENCE = 180.0


@dataclass
class Served:
    """A running application."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a page over the socket."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE
            ) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def wait_for(self, path: str, text: str) -> None:
        """Ask again and again until a page holds a text."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(URLError, ConnectionError):
                if text in self.get(path)[1]:
                    return
            time.sleep(0.1)
        pytest.fail(f"{path} never said {text}:\n{self.log.read_text()}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to end; give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def serve(home: Path, *options: str) -> Iterator[Served]:
    """Serve from a data folder of its own until the test is over."""
    port, log = free_port(), install(home) / "log"
    command = [sys.executable, "-m", "kizuna", "serve", "--port", str(port), *options]
    with log.open("wb") as sink:
        process = subprocess.Popen(command, env=environment(home), stdout=sink, stderr=sink)
    try:
        yield Served(process, port, log)
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application without its worker."""
    with serve(tmp_path_factory.mktemp("alone")) as served:
        yield served


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application with its worker beside it."""
    with serve(tmp_path_factory.mktemp("pair"), "--with-worker") as served:
        yield served


@pytest.mark.slow
def test_a_fresh_folder_is_served_migrated_and_ready(alone: Served) -> None:
    alone.wait_for("/health/live", "live")
    status, page = alone.get("/health/ready")
    assert status == 200, page
    assert '"migrations": "ok"' in page


@pytest.mark.slow
def test_static_files_are_served(alone: Served) -> None:
    alone.wait_for("/health/live", "live")
    assert alone.get("/static/ui/kizuna.css")[0] == 200


@pytest.mark.slow
def test_an_unknown_page_is_an_honest_404(alone: Served) -> None:
    alone.wait_for("/health/live", "live")
    status, page = alone.get("/static/no-such-file")
    assert status == 404
    assert "Traceback" not in page


@pytest.mark.slow
def test_the_worker_beside_it_is_seen(pair: Served) -> None:
    pair.wait_for("/health/ready", '"worker": "ok"')


@pytest.mark.slow
@pytest.mark.parametrize("served", ["alone", "pair"])
def test_sigterm_ends_it_in_good_order(request: pytest.FixtureRequest, served: str) -> None:
    ended: Served = request.getfixturevalue(served)
    ended.wait_for("/health/live", "live")
    assert ended.stop() == 0
    with pytest.raises(URLError):
        ended.get("/health/live")


@pytest.mark.slow
@pytest.mark.parametrize("served", ["alone", "pair"])
def test_every_line_that_is_served_is_json_or_the_greeting(
    request: pytest.FixtureRequest, served: str
) -> None:
    ended: Served = request.getfixturevalue(served)
    ended.stop()
    greeting, *lines = ended.log.read_text().splitlines()
    assert greeting.startswith("Kizuna is at http://127.0.0.1:")
    assert [line for line in lines if not line.startswith("{")] == []


@pytest.mark.slow
def test_the_worker_beside_it_says_goodbye(pair: Served) -> None:
    pair.stop()
    with closing(sqlite3.connect(pair.log.parent / "db.sqlite3")) as records:
        workers = records.execute("SELECT stopped_at IS NOT NULL FROM jobs_worker").fetchall()
    assert workers == [(1,)]


@pytest.mark.slow
def test_two_starts_at_once_migrate_one_after_the_other(tmp_path: Path) -> None:
    migrate = "from kizuna.web.serve import prepare; prepare()"
    starts = [start("-c", migrate, env=environment(tmp_path)) for _ in range(3)]
    ends = [process.communicate(timeout=PATIENCE) for process in starts]
    assert [process.returncode for process in starts] == [0] * 3, ends


def test_an_address_is_written_as_a_browser_takes_it() -> None:
    assert str(Address("127.0.0.1", 8000)) == "127.0.0.1:8000"
    assert str(Address("::1", 8000)) == "[::1]:8000"
    assert "0.0.0.0:80" in gunicorn_command(Address("0.0.0.0", 80))


def refused(home: Path, *options: str, **more: str) -> str:
    """Start what must not start; give its one sentence."""
    process = start("-m", "kizuna", "serve", *options, env=environment(home, **more))
    printed, complaint = process.communicate(timeout=PATIENCE)
    assert (process.returncode, printed) == (2, ""), complaint
    assert len(complaint.splitlines()) == 1, complaint
    return complaint


@pytest.mark.slow
def test_a_port_that_is_taken_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"127.0.0.1:{port}: Address already in use" in refused(tmp_path, "--port", port)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "DATABASE_URL is no address of a database"),
        ("oracle+x://host/name", "DATABASE_URL is no address of a database"),
        ("postgresql://kizuna:secret@127.0.0.1:1/kizuna", "the database cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, url: str, words: str
) -> None:
    complaint = refused(tmp_path, "--port", str(free_port()), DATABASE_URL=url)
    assert words in complaint
    assert "secret" not in complaint


@pytest.mark.slow
def test_a_data_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (file := tmp_path / "file").write_text("not a folder")
    assert "file/home" in refused(file / "home", "--port", str(free_port()))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_when_the_first_ends_the_second_is_not_left_behind(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    telling = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    waiting = f"import os, time\nwhile not os.path.exists({str(note)!r}): time.sleep(0.05)"
    ended = Pair((sys.executable, "-c", waiting), (sys.executable, "-c", telling)).run()
    time.sleep(0.1)
    assert ended == 0
    assert not alive(int(note.read_text()))


def test_a_worker_that_died_is_started_again(tmp_path: Path) -> None:
    note = tmp_path / "starts"
    dying = f"open({str(note)!r}, 'a').write('x')"
    waiting = (
        "import os, time\n"
        f"while not os.path.exists({str(note)!r}) or len(open({str(note)!r}).read()) < 2:"
        " time.sleep(0.05)"
    )
    assert Pair((sys.executable, "-c", waiting), (sys.executable, "-c", dying)).run() == 0
    assert len(note.read_text()) >= 2
