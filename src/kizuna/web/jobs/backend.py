"""Django's task API on the application's own database."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.base import TaskError
from django.tasks.exceptions import TaskResultDoesNotExist
from django.tasks.signals import task_enqueued
from django.utils import timezone
from django.utils.json import normalize_json
from django.utils.module_loading import import_string

from kizuna.web.jobs.tasks import JobTask

if TYPE_CHECKING:
    from kizuna.web.jobs.models import Job

type Result = TaskResult[..., Any]

RACES = 10
STATUS = {
    "waiting": TaskResultStatus.READY,
    "running": TaskResultStatus.RUNNING,
    "done": TaskResultStatus.SUCCESSFUL,
    "failed": TaskResultStatus.FAILED,
    "cancelled": TaskResultStatus.FAILED,
}


class DatabaseBackend(BaseTaskBackend):
    """A job is a row; it is asked for in the same transaction as whatever it is about."""

    task_class = JobTask
    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue[**P, R](
        self, task: Task[P, R], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> TaskResult[P, R]:
        """Write the job down, or find the living one with the same key."""
        self.validate_task(task)
        job = put(task, list(args), kwargs, timezone.now())
        made: TaskResult[P, R] = result_of(job)
        task_enqueued.send(type(self), task_result=made)
        return made

    def get_result(self, result_id: str) -> TaskResult[..., Any]:
        """Read how a job stands."""
        from kizuna.web.jobs.models import Job  # models load after settings name this backend

        try:
            found: Result = result_of(Job.objects.get(pk=result_id))
        except (Job.DoesNotExist, ValueError) as problem:
            raise TaskResultDoesNotExist(result_id) from problem
        return found


def put(task: Task[..., Any], args: list[Any], kwargs: dict[str, Any], now: datetime) -> Job:
    """Write a job, unless one with its key waits or runs already."""
    from kizuna.web.jobs.models import Job

    key = task.key(args, kwargs) if isinstance(task, JobTask) else None
    row = _row(task, args, kwargs, now)
    for _attempt in range(RACES):
        if key and (first := _living(task, key)):
            return first
        with suppress(IntegrityError), transaction.atomic():
            return Job.objects.create(**row, unique_key=key)
    return Job.objects.create(**row, unique_key=key)


def _living(task: Task[..., Any], key: str) -> Job | None:
    """Find the job that waits or runs under a key, and have it run again if it must."""
    from kizuna.web.jobs.models import ALIVE, Job, State

    job = Job.objects.filter(unique_key=key, state__in=ALIVE).first()
    if job is None or not getattr(task, "run_again", False):
        return job
    # writing the row also holds it back until what the caller changed is committed
    unchanged = Job.objects.filter(pk=job.pk, state=job.state)
    return job if unchanged.update(again=job.state == State.RUNNING) else None


def _row(
    task: Task[..., Any], args: list[Any], kwargs: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "task": task.module_path,
        "args": normalize_json(args),
        "kwargs": normalize_json(kwargs),
        "queue": task.queue_name,
        "priority": task.priority,
        "max_attempts": getattr(task, "max_attempts", 3),
        "run_after": task.run_after or now,
        "enqueued_at": now,
    }


def task_of(job: Job) -> Task[..., Any]:
    """Find the task of a job; raises ImportError where this version of the code has none."""
    found = import_string(job.task)
    if not isinstance(found, Task):
        raise ImportError(f"{job.task} is not a task")
    return found


def result_of(job: Job) -> Any:
    """Say how a job stands, in Django's words."""
    made: Result = TaskResult(
        task=task_of(job),
        id=str(job.pk),
        status=STATUS[job.state],
        enqueued_at=job.enqueued_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        last_attempted_at=job.attempted_at,
        args=job.args,
        kwargs=job.kwargs,
        backend="default",
        errors=[_error(e) for e in job.errors],
        worker_ids=list(job.workers),
    )
    object.__setattr__(made, "_return_value", job.result)
    return made


def _error(kept: dict[str, str]) -> TaskError:
    return TaskError(exception_class_path=kept["class"], traceback=kept["traceback"])
