"""Installations of the application in folders of their own, apart from the one under test."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

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
    if (home / DATABASE).exists():
        return home
    made = Path(tempfile.gettempdir()) / f"kizuna-installed-{os.geteuid()}-{_migrations()}"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(made)
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(made, home / DATABASE)
    return home


def _make(installed: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        process = start("-c", PREPARE, env=environment(Path(folder)))
        _said, complaint = process.communicate(timeout=300)
        assert process.returncode == 0, complaint
        assert not Path(folder, DATABASE + "-wal").exists()
        shutil.move(Path(folder, DATABASE), installed)


def _migrations() -> str:
    """Tell one state of the migrations from another."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src" / "kizuna" / "web").rglob("migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


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
