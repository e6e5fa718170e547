"""What a running task says of itself."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any

from kizuna.web.jobs import leases
from kizuna.web.jobs.models import Job

SECONDS_BETWEEN = 0.5


@dataclass
class _Running:
    job: Job
    said_at: float = float("-inf")


_running: ContextVar[_Running | None] = ContextVar("running", default=None)


@contextmanager
def of(job: Job) -> Generator[None]:
    """Let `report` mean this job."""
    token = _running.set(_Running(job))
    try:
        yield
    finally:
        _running.reset(token)


def report(share: float, text: str, **values: Any) -> None:
    """Say how far the running task is (0 to 1) and what it does; outside of a job, do nothing.

    With `values`, the text is a message with named placeholders, translated for whoever reads it.
    Reports in quick succession are left out. Ends the task where someone cancelled it.
    """
    running = _running.get()
    if running is None or (monotonic() - running.said_at < SECONDS_BETWEEN and share < 1):
        return
    running.said_at = monotonic()
    _write(running.job, min(max(float(share), 0.0), 1.0), text, values)


def _write(job: Job, share: float, text: str, values: dict[str, Any]) -> None:
    if leases.held(job).filter(cancel_asked=True).exists():
        raise leases.Cancelled(str(job))
    if not leases.held(job).update(share=share, progress=text, progress_values=values):
        raise leases.LeaseLost(str(job))
