"""The drain beside the worker: a thread that empties the inbox as long as the worker lives.

Of several workers one drains; when it dies, another takes over what it had in hand.
"""

from __future__ import annotations

import logging
import threading
from contextlib import AbstractContextManager, closing

from django.db import close_old_connections
from django.utils import timezone

from kizuna.jobs.drain import A_BATCH, Batch, drain, draining, resume
from kizuna.jobs.drain_log import DrainLog
from kizuna.web.capture.events.places import log_path, store
from kizuna.web.capture.inbox import open_inbox
from kizuna.web.jobs.beside import Beside
from kizuna.web.jobs.services import announce

log = logging.getLogger("kizuna.events")

POLL_SECONDS = 0.15
DRAINED = "events_drained"
"""Announced of each batch that is in the tables now, with `batch`."""


def alone() -> AbstractContextManager[bool]:
    """Let one process drain at a time; False where another does."""
    return draining(store())


def work(gone: threading.Event) -> None:
    """Take up what a process that died has begun, then drain until told to leave."""
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


DRAIN = Beside("drain", alone, work)
