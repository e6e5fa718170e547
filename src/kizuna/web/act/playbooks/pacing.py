"""Playbooks beside the worker: a thread that looks at what came in, and takes on whoever is due.

On one machine one process does it; between machines the transactions of `advancing` see to it that
each step is done once.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from kizuna.jobs.leading import leading
from kizuna.web.act.playbooks.advancing import advance
from kizuna.web.act.playbooks.looking import look
from kizuna.web.jobs.beside import Beside, again
from kizuna.web.know.publications.services import store

POLL_SECONDS = 0.5


def step() -> bool:
    """Look once and advance once; False where there was nothing to do."""
    looked = look()
    return bool(advance() or looked)


def pacing() -> AbstractContextManager[bool]:
    """Let one process lead at a time; False where another does."""
    return leading(store().folder, ".playbooks-lock")


PLAYBOOKS = Beside("playbooks", pacing, again(step, POLL_SECONDS))
