"""A worker of its own process for the tests; with a fault on purpose where one is named."""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta

from django.utils.crypto import get_random_string

from kizuna.web.loading import load


def ask(count: int, seconds: float) -> None:
    """Fill the queue of an installation, all of it or nothing."""
    from django.db import transaction

    from job_examples import marked

    with transaction.atomic():
        for number in range(count):
            marked.enqueue(number, seconds)


def work(fault: str) -> None:
    """Work as `kizuna work` does."""
    from kizuna.web.jobs import leases, schedules, worker
    from kizuna.web.jobs.models import Job, State

    take = leases.take

    def slow_take(job: Job, *, worker: str, now: datetime, lease: timedelta) -> bool:
        time.sleep(0.005)  # two who saw the same job meet here, with or without the fault
        return take(job, worker=worker, now=now, lease=lease)

    def take_without_looking(job: Job, *, worker: str, now: datetime, lease: timedelta) -> bool:
        time.sleep(0.005)
        token = get_random_string(32)
        values = {"state": State.RUNNING, "lease": token, "leased_until": now + lease}
        return Job.objects.filter(pk=job.pk).update(**values) == 1

    leases.take = take_without_looking if fault == "claim" else slow_take
    if fault == "lease":
        leases.recover = lambda *, now: []
    if fault == "schedule":
        from job_examples import note_tick

        schedules.declare(name="tick", task=note_tick, every=timedelta(seconds=0.5))
    worker.run()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "job_settings"
    load()
    if asked := sys.argv[2:]:
        ask(int(asked[0]), float(asked[1]))
    work(sys.argv[1])
