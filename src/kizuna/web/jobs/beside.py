"""What goes on beside the worker: threads that no long job, such as a refresh, holds up.

Of several workers of one installation one does it; when it dies, another takes over.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from django.db import close_old_connections, connections

log = logging.getLogger("kizuna.jobs")

ELSEWHERE_SECONDS = 2.0
PATIENCE_SECONDS = 20.0
KEPT_SECONDS = 5.0

type Alone = Callable[[], AbstractContextManager[bool]]
type Work = Callable[[threading.Event], None]


class Beside(NamedTuple):
    """One thing that goes on: `alone` says whether this process does it, `work` does it."""

    name: str
    alone: Alone
    work: Work


@contextmanager
def beside(what: Beside) -> Iterator[None]:
    """Go on in a thread meanwhile; leave what is in hand done."""
    gone = threading.Event()
    thread = threading.Thread(target=_run, args=(what, gone), name=what.name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        gone.set()
        thread.join(PATIENCE_SECONDS)


def again(step: Callable[[], bool], poll_seconds: float) -> Work:
    """Make work of a step that says whether it found something to do."""

    def work(gone: threading.Event) -> None:
        connected = Connected()
        while not gone.is_set():
            connected.renew()
            if step():
                connected = Connected()
            else:
                gone.wait(poll_seconds)

    return work


class Connected:
    """A thread's connections, kept while it finds nothing to do: opening costs more than a look."""

    def __init__(self) -> None:
        self._until = 0.0

    def renew(self) -> None:
        """Let go of what is old or broken, now and then."""
        if (now := time.monotonic()) >= self._until:
            close_old_connections()
            self._until = now + KEPT_SECONDS


def _run(what: Beside, gone: threading.Event) -> None:
    """Go on until told to leave, and survive whatever is away for a while."""
    try:
        while not gone.is_set():
            try:
                with what.alone() as alone:
                    if alone:
                        what.work(gone)
            except Exception:
                log.exception("%s did not go on; trying again", what.name)
            gone.wait(ELSEWHERE_SECONDS)
    finally:
        connections.close_all()
