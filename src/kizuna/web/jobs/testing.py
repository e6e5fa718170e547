"""For tests: the real worker's loop, in this process, until nothing is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random

from django.utils import timezone

from kizuna.web.jobs.models import Job, State
from kizuna.web.jobs.worker import Loop, pace


def run_all(*, clock: Callable[[], datetime] = timezone.now, failures: bool = False) -> int:
    """Run every job that is due and those they enqueue; give how many ran.

    A task that raises fails the test, unless `failures` are what it is about.
    """
    loop, ran = Loop(name="test", pace=pace(), clock=clock, chance=Random(1)), 0
    while loop.step():
        ran += 1
    if not failures:
        assert not (trouble := _trouble()), trouble
    return ran


def _trouble() -> str:
    failed = Job.objects.exclude(state=State.DONE).exclude(errors=[])
    return "\n".join(f"{job}: {job.errors[-1]['traceback']}" for job in failed)
