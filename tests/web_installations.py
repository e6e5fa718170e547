"""Installations of the application in folders of their own, apart from the one under test."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

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
