"""Installations of the application in folders of their own, apart from the one under test."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db.backends.signals import connection_created

from made_once import from_run_to_run
from project import ROOT

PREPARE = "from kizuna.web.serve import prepare; prepare()"
DATABASE = "db.sqlite3"

SHOW = """
import json, sys
from kizuna.web import settings
print(json.dumps({name: getattr(settings, name, None) for name in sys.argv[1:]}))
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Give the environment of an installation: that of the test run, without its settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KIZUNA_")}
    kept.pop("DATABASE_URL", None)
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"KIZUNA_HOME": str(home)} | more


def install(home: Path) -> Path:
    """Give a data folder the database of one just installed, unless it has one.

    Migrating takes many seconds. It is made once for all tests that do not ask how it is made,
    and anew when a migration changes.
    """
    if not (home / DATABASE).exists():
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(_installed(), home / DATABASE)
    return home


def prepare(home: Path, **more: str) -> None:
    """Bring the database of an installation up to date, as its start does."""
    process = start("-c", PREPARE, env=environment(home, **more))
    _said, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint


@contextmanager
def filled_when_opened() -> Iterator[None]:
    """Fill the database of the test run, if it is SQLite's, so that no migration is left to do."""

    def fill(connection: Any, **_told: Any) -> None:
        connection_created.disconnect(fill)
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(_installed())) as installed:
                installed.backup(connection.connection)

    connection_created.connect(fill)
    try:
        yield
    finally:
        connection_created.disconnect(fill)


def migrations(*more: Path) -> str:
    """Tell one state of the migrations from another."""
    digest = hashlib.sha256()
    found = (ROOT / "src" / "kizuna" / "web").rglob("migrations/*.py")
    for path in (*sorted(found), ROOT / "uv.lock", *more):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _installed() -> Path:
    return from_run_to_run("installed", migrations(), _make) / DATABASE


def _make(made: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        assert not Path(folder, DATABASE + "-wal").exists()
        shutil.move(Path(folder, DATABASE), made / DATABASE)


def start(*command: str, env: dict[str, str]) -> subprocess.Popen[str]:
    """Start Python with a command and read what it prints."""
    return subprocess.Popen(
        [sys.executable, *command],
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def settings_of(home: Path, *names: str, **more: str) -> dict[str, Any]:
    """Give settings of an installation, as its environment makes them."""
    process = start("-c", SHOW, *names, env=environment(home, **more))
    printed, complaint = process.communicate(timeout=60)
    assert process.returncode == 0, complaint
    found: dict[str, Any] = json.loads(printed)
    return found


def free_port() -> int:
    """Find a port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
