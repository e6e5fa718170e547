"""The server that takes events in, on real sockets and in folders of its own; it may be killed."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError

from web_installations import environment, free_port, install, start

PATIENCE: Final = 60.0
MAKE_KEYS: Final = """
import json, sys
from kizuna.web.serve import prepare
prepare()
from kizuna.web.accounts.models import Person, Role
from kizuna.web.capture.ingest.services import make_key
owner, _ = Person.objects.get_or_create(email="aiko@example.com", name="Aiko", role=Role.OWNER)
said = json.loads(sys.argv[1])
print(json.dumps([make_key(actor=owner, **one)[1] for one in said]))
"""
REVOKE: Final = """
from kizuna.web.serve import prepare
prepare()
from kizuna.web.accounts.models import Person
from kizuna.web.capture.ingest.models import WriteKey
from kizuna.web.capture.ingest.services import revoke_key
revoke_key(actor=Person.objects.get(), pk=WriteKey.objects.order_by("-pk")[0].pk)
"""
SERVER_KEY: Final = {"name": "shop", "kind": "server", "per_second": 1_000_000}

type Reply = tuple[int, dict[str, str], bytes]


def make_keys(home: Path, *said: dict[str, Any], **more: str) -> list[str]:
    """Bring an installation up to date and make write keys; give their texts."""
    if not more.get("DATABASE_URL"):
        install(home)
    texts: list[str] = json.loads(run(home, MAKE_KEYS, json.dumps(said), **more))
    return texts


def revoke_newest(home: Path) -> None:
    """End the key that was made last."""
    run(home, REVOKE)


def run(home: Path, code: str, *arguments: str, **more: str) -> str:
    """Run code in an installation; give what it printed."""
    process = start("-c", code, *arguments, env=environment(home, **more))
    printed, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, complaint
    return printed


class EventServer:
    """`kizuna ingest`, or another command that does the same."""

    def __init__(self, home: Path, *command: str, **more: str) -> None:
        self.home, self.port, self.more = home, free_port(), more
        self.command = command or ("-m", "kizuna", "ingest")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Start it, the first time or again, and wait until it answers."""
        arguments = [sys.executable, *self.command, "--port", str(self.port)]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                arguments, env=environment(self.home, **self.more), stdout=log, stderr=log
            )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(URLError, ConnectionError):
                if self.get("/health/ready")[0] == 200:
                    return
            time.sleep(0.02)
        raise AssertionError((self.home / "log").read_text())

    def kill(self) -> None:
        """End it as a machine that loses its power would."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Tell it to end; give its exit code."""
        assert self.process
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def get(self, path: str) -> Reply:
        """Ask for something."""
        return self.ask(urllib.request.Request(self.url + path))

    def post(self, path: str, body: bytes, key: str = "", **headers: str) -> Reply:
        """Send a body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            named["Authorization"] = basic(key)
        return self.ask(urllib.request.Request(self.url + path, body, named, method="POST"))

    def ask(self, request: urllib.request.Request) -> Reply:
        """Send a request; give status, headers and body, also of a refusal."""
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, _small(answer.headers), answer.read()
        except HTTPError as error:
            with error:
                return error.code, _small(error.headers), error.read()


def basic(key: str) -> str:
    """Write a key as HTTP Basic does."""
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def _small(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@contextmanager
def event_server(home: Path, *command: str, **more: str) -> Iterator[EventServer]:
    """Run the server until the test is over."""
    server = EventServer(home, *command, **more)
    try:
        server.begin()
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.kill()
