"""Tasks for the tests of the queue, at an address that a worker in another process finds too."""

from __future__ import annotations

import fcntl
import os
import time
from datetime import timedelta
from pathlib import Path
from random import Random

from django.tasks import task

from kizuna.web.jobs import progress
from kizuna.web.jobs.tasks import PermanentError, job


@task
def note(text: str) -> str:
    return text


@task
def broken() -> None:
    raise ValueError("no such luck")


@job(max_attempts=3, backoff=timedelta(seconds=10))
def stubborn() -> None:
    raise ValueError("no such luck")


@task
def hopeless() -> None:
    raise PermanentError("the file is gone")


@task
def unwritable() -> object:
    return object()


@job(unique="the one", run_again=True)
def fresh(text: str = "") -> str:
    return text


@job(unique=lambda customer: customer)
def of_customer(customer: str) -> str:
    return customer


@task
def halfway() -> str:
    progress.report(0.5, "Read %(rows)d rows", rows=3)
    return "half"


@job(max_attempts=10_000, backoff=timedelta(0))
def marked(number: int, seconds: float) -> int:
    """Hold a lock of the system's while running, so that a second run at once is seen."""
    with Path(os.environ["KIZUNA_HOME"], f"job-{number}").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mark(f"twice {number}")
        mark(f"began {number}")
        time.sleep(seconds * Random(number).uniform(0.5, 1.5))
        mark(f"ended {number}")
    return number


def mark(text: str) -> None:
    """Write one line at the end of the record; what is written whole survives a kill."""
    record = os.open(
        Path(os.environ["KIZUNA_HOME"], "record"), os.O_APPEND | os.O_CREAT | os.O_WRONLY
    )
    os.write(record, f"{text} {os.getpid()}\n".encode())
    os.close(record)


@task
def note_tick() -> None:
    mark("tick 0")
