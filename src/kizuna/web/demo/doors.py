"""The doors that anybody's programs use: the application answers on loopback while these knock."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import batched
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.core.wsgi import get_wsgi_application

from kizuna.pipeline.errors import InputError
from kizuna.web.capture.events.loop import DRAIN
from kizuna.web.capture.inbox import open_inbox
from kizuna.web.jobs.beside import beside

A_BATCH = 500
PATIENCE_SECONDS = 120.0
POLL_SECONDS = 0.05


class _Quiet(WSGIRequestHandler):
    """Answers without a line to the terminal for each request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the application has its own log."""


@contextmanager
def open_doors() -> Iterator[str]:
    """Have the application answer on a free port of this machine; give its address."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def send_events(root: str, write_key: str, path: Path) -> int:
    """Send messages as history, as a client of Segment's would; give how many."""
    basic = base64.b64encode(f"{write_key}:".encode()).decode()
    messages = _lines(path)
    for part in batched(messages, A_BATCH):
        _post(f"{root}/v1/import", {"batch": part}, {"Authorization": f"Basic {basic}"})
    return len(messages)


def send_contacts(root: str, api_key: str, path: Path) -> int:
    """Tell contacts with customers, as the program of a service desk would; give how many."""
    return _tell(f"{root}/api/v1/interactions", "interactions", api_key, path)


def send_consents(root: str, api_key: str, path: Path) -> int:
    """Tell what customers said to being written to, as a web shop would; give how many."""
    return _tell(f"{root}/api/v1/consents", "consents", api_key, path)


def _tell(address: str, what: str, api_key: str, path: Path) -> int:
    told = _lines(path)
    for part in batched(told, A_BATCH):
        _post(address, {what: part}, {"Authorization": f"Bearer {api_key}"})
    return len(told)


def drain() -> None:
    """Have tables made of all that came in, as the worker does it."""
    end = time.monotonic() + PATIENCE_SECONDS
    with beside(DRAIN), closing(open_inbox()) as inbox:
        while inbox.depth():
            if time.monotonic() > end:
                raise InputError("the events were not made into tables in time")
            time.sleep(POLL_SECONDS)


def _lines(path: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _post(
    address: str, said: Mapping[str, Any] | Sequence[Any], headers: Mapping[str, str]
) -> None:
    body = json.dumps(said, ensure_ascii=False).encode()
    request = Request(address, body, {"Content-Type": "application/json", **headers})
    with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        answer.read()
