"""The worker: takes what is due, runs it, keeps its lease, and leaves in good order."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from types import FrameType
from typing import Any, NoReturn, cast

from django.conf import settings
from django.db import Error as Trouble
from django.db import connections
from django.tasks import Task
from django.tasks.base import TaskContext
from django.tasks.signals import task_finished, task_started
from django.utils import timezone
from django.utils.crypto import get_random_string

from kizuna.web.jobs import leases, progress, schedules
from kizuna.web.jobs.backend import DatabaseBackend, result_of, task_of
from kizuna.web.jobs.beside import Connected
from kizuna.web.jobs.models import Job, Worker

log = logging.getLogger("kizuna.jobs")
LOST_LEASE = 75  # EX_TEMPFAIL: whoever watches over the worker should start it again


class Interrupted(BaseException):
    """The worker must leave and the running task takes longer than the grace it has."""


@dataclass(frozen=True)
class Pace:
    """How long a lease lasts, how often it is renewed, and how patient the worker is."""

    lease: timedelta = timedelta(seconds=120)
    beat: timedelta = timedelta(seconds=15)
    poll: timedelta = timedelta(seconds=0.5)
    grace: timedelta = timedelta(seconds=25)


def pace() -> Pace:
    """Read the pace from TASKS["default"]["OPTIONS"], in seconds."""
    options = cast("dict[str, Any]", settings.TASKS["default"].get("OPTIONS", {}))
    names = ("lease", "beat", "poll", "grace")
    return Pace(**{n: timedelta(seconds=options[n]) for n in names if n in options})


def run() -> None:
    """Work until SIGTERM or SIGINT, with a thread that keeps the lease meanwhile."""
    loop = Loop(name=_name(), pace=pace())
    signal.signal(signal.SIGTERM, loop.leave)
    signal.signal(signal.SIGINT, loop.leave)
    signal.signal(signal.SIGALRM, loop.interrupt)
    threading.Thread(target=loop.keep_alive, daemon=True).start()
    loop.beat()
    loop.until_told()
    signal.setitimer(signal.ITIMER_REAL, 0)  # or it would end a Python that is shutting down
    loop.sign_off()


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{get_random_string(6)}"


@dataclass
class Loop:
    """One worker's state: the job in hand and whether to leave."""

    name: str
    pace: Pace
    clock: Callable[[], datetime] = timezone.now
    chance: Random = field(default_factory=Random)
    leaving: bool = False
    _job: Job | None = None
    _renewed: float = 0.0
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _gone: threading.Event = field(default_factory=threading.Event)

    def until_told(self) -> None:
        """Work, wait where there is nothing to do, and survive a database that is away."""
        connected = Connected()
        while not self.leaving:
            try:
                connected.renew()
                worked = self.step()
            except Trouble:
                log.exception("the database does not answer; trying again")
                connections.close_all()
                worked = False
            if worked:
                connected = Connected()
            elif not self.leaving:
                time.sleep(self.pace.poll.total_seconds())

    def step(self) -> bool:
        """Free what was lost, enqueue what is due, and run one job; False where there is none."""
        now = self.clock()
        for job in leases.recover(now=now):
            log.warning("recovered job=%s task=%s", job.pk, job.task)
        schedules.enqueue_due(now=now)
        taken = leases.claim(worker=self.name, now=self.clock(), lease=self.pace.lease)
        if taken:
            self._run(taken)
        return taken is not None

    def _run(self, job: Job) -> None:
        self._hold(job)
        try:
            outcome = self._call(job)
        finally:
            self._hold(None)
        try:
            outcome()
        except leases.LeaseLost:
            log.exception("job=%s was taken over; what it did here does not count", job.pk)
        self._tell_finished(job)

    def _call(self, job: Job) -> Callable[[], None]:
        """Run the task; give what is to be written about it once the lease is ours alone."""
        try:
            task = task_of(job)
            task_started.send(DatabaseBackend, task_result=result_of(job))
            with progress.of(job):
                result = call(task, job)
        except Interrupted:
            return lambda: leases.give_back(job)
        except leases.Cancelled:
            return lambda: leases.cancel(job, now=self.clock())
        except leases.LeaseLost as lost:
            return _raising(lost)
        except (Exception, SystemExit) as error:
            log.warning("failed job=%s task=%s %s", job.pk, job.task, type(error).__name__)
            return _failing(job, error, self)
        return lambda: self._finish(job, result)

    def _finish(self, job: Job, result: Any) -> None:
        try:
            leases.finish(job, result, now=self.clock())
        except TypeError as error:  # a result that JSON cannot hold
            leases.fail(job, error, now=self.clock(), chance=self.chance)

    def _tell_finished(self, job: Job) -> None:
        try:
            settled = result_of(Job.objects.get(pk=job.pk))
        except (Job.DoesNotExist, ImportError):
            return
        if settled.is_finished:
            task_finished.send(DatabaseBackend, task_result=settled)

    def _hold(self, job: Job | None) -> None:
        with self._guard:
            self._job, self._renewed = job, time.monotonic()

    def keep_alive(self) -> None:
        """Renew the lease and sign of life, beat by beat, until the worker leaves."""
        while not self._gone.wait(self.pace.beat.total_seconds()):
            try:
                self.beat()
            except Trouble:
                log.warning("no heartbeat: the database does not answer")
                self._die_if_late()
                connections.close_all()
        connections.close_all()

    def beat(self) -> None:
        """Give one sign of life; a worker whose job was taken over must not go on with it."""
        now = self.clock()
        with self._guard:
            began = time.monotonic()
            if self._job and not leases.renew(self._job, now=now, lease=self.pace.lease):
                _die(self._job)
            self._renewed = began
        Worker.objects.update_or_create(
            name=self.name,
            defaults={"heartbeat_at": now},
            create_defaults={"heartbeat_at": now, "started_at": now},
        )

    def _die_if_late(self) -> None:
        with self._guard:
            late = time.monotonic() - self._renewed > self.pace.lease.total_seconds()
            if self._job and late:
                _die(self._job)

    def sign_off(self) -> None:
        """Say that the worker left on purpose."""
        self._gone.set()
        Worker.objects.filter(name=self.name).update(stopped_at=self.clock())

    def leave(self, number: int, frame: FrameType | None) -> None:
        """Take no more jobs; the one in hand has the grace to finish."""
        self.leaving = True
        signal.setitimer(signal.ITIMER_REAL, self.pace.grace.total_seconds())

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """Stop the task in hand, its grace being over."""
        if self._job:
            raise Interrupted


def call(task: Task[..., Any], job: Job) -> Any:
    """Call the function of a task with the arguments of a job."""
    if task.takes_context:
        return task.call(TaskContext(task_result=result_of(job)), *job.args, **job.kwargs)
    return task.call(*job.args, **job.kwargs)


def _failing(job: Job, error: BaseException, loop: Loop) -> Callable[[], None]:
    return lambda: leases.fail(job, error, now=loop.clock(), chance=loop.chance)


def _raising(lost: BaseException) -> Callable[[], None]:
    def again() -> NoReturn:
        raise lost

    return again


def _die(job: Job) -> NoReturn:
    """End the process at once: no thread can stop a task that no longer has the lease."""
    log.critical("lease lost job=%s task=%s: this worker ends", job.pk, job.task)
    os._exit(LOST_LEASE)
