"""Playbooks beside the worker: a thread that looks at what came in, and takes on whoever is due.

No long job, such as a refresh, holds customers up. On one machine one process does it; between
machines the transactions of `advancing` see to it that each step is done once.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import close_old_connections, connections

from kizuna.web.act.playbooks.advancing import advance
from kizuna.web.act.playbooks.looking import look
from kizuna.web.know.publications.services import store

POLL_SECONDS = 0.5
ELSEWHERE_SECONDS = 2.0
PATIENCE_SECONDS = 20.0
log = logging.getLogger("kizuna.playbooks")


@contextmanager
def beside() -> Iterator[None]:
    """Go on in a thread meanwhile; leave the batch in hand done."""
    gone = threading.Event()
    thread = threading.Thread(target=run, args=(gone,), name="playbooks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        gone.set()
        thread.join(PATIENCE_SECONDS)


def run(gone: threading.Event) -> None:
    """Go on until told to leave, and survive whatever is away for a while."""
    try:
        while not gone.is_set():
            try:
                with leading() as alone:
                    while alone and not gone.is_set():
                        close_old_connections()
                        if not step():
                            gone.wait(POLL_SECONDS)
                gone.wait(ELSEWHERE_SECONDS)
            except Exception:
                log.exception("playbooks did not go on; trying again")
                gone.wait(ELSEWHERE_SECONDS)
    finally:
        connections.close_all()


def step() -> bool:
    """Look once and advance once; False where there was nothing to do."""
    looked = look()
    return bool(advance() or looked)


@contextmanager
def leading() -> Iterator[bool]:
    """Let one process lead at a time; False where another does. A lock dies with its holder."""
    folder = store().folder
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".playbooks-lock").open("w") as lock:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
            return
        yield False
