"""The drain beside the worker: a thread that empties the inbox as long as the worker lives.

A long job, such as a refresh, holds no event up. Of several workers one drains; when it dies, the
lock goes with it, and another takes over what it had in hand.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from django.db import close_old_connections, connections
from django.utils import timezone

from kizuna.jobs.drain import A_BATCH, Batch, drain, draining, resume
from kizuna.jobs.drain_log import DrainLog
from kizuna.web.capture.events.places import log_path, store
from kizuna.web.capture.inbox import open_inbox
from kizuna.web.jobs.services import announce

log = logging.getLogger("kizuna.events")

POLL_SECONDS = 0.15
ELSEWHERE_SECONDS = 2.0
TROUBLE_SECONDS = 2.0
PATIENCE_SECONDS = 20.0
DRAINED = "events_drained"
"""Announced of each batch that is in the tables now, with `batch`."""


@contextmanager
def beside() -> Iterator[None]:
    """Drain in a thread meanwhile; leave the batch in hand done."""
    gone = threading.Event()
    thread = threading.Thread(target=run, args=(gone,), name="drain", daemon=True)
    thread.start()
    try:
        yield
    finally:
        gone.set()
        thread.join(PATIENCE_SECONDS)


def run(gone: threading.Event) -> None:
    """Drain until told to leave, and survive whatever is away for a while."""
    try:
        while not gone.is_set():
            try:
                with draining(store()) as alone:
                    if alone:
                        _work(gone)
                gone.wait(ELSEWHERE_SECONDS)
            except Exception:
                log.exception("the inbox was not drained; trying again")
                gone.wait(TROUBLE_SECONDS)
    finally:
        connections.close_all()


def _work(gone: threading.Event) -> None:
    tables = store()
    with closing(open_inbox()) as inbox, closing(DrainLog(log_path())) as memory:
        for left in resume(tables, inbox, memory, timezone.now):
            _told(left)
        while not gone.is_set():
            batch = drain(tables, inbox, memory, timezone.now) if inbox.depth() else None
            if batch is not None:
                _told(batch)
            if batch is None or batch.account.requests < A_BATCH:
                gone.wait(POLL_SECONDS)


def _told(batch: Batch) -> None:
    """Tell who listens; the rows are in the tables, whatever becomes of that."""
    close_old_connections()
    try:
        announce(DRAINED, batch=batch)
    except Exception:
        log.exception("who listens to events had trouble")
