"""Taking a job, keeping it, and letting it go: every step one UPDATE that says whose the job is.

Whoever changed the row owns it; whoever changed none came too late. This is all that keeps two
workers apart, on SQLite and on PostgreSQL alike.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from traceback import format_exception
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.crypto import get_random_string
from django.utils.json import normalize_json
from django.utils.translation import gettext_noop

from kizuna.pipeline.errors import InputError
from kizuna.web.jobs.backend import put, task_of
from kizuna.web.jobs.models import Job, State
from kizuna.web.jobs.tasks import JobTask, PermanentError

LOOK_AHEAD = 8
FREE: dict[str, Any] = {"lease": "", "leased_until": None, "cancel_asked": False}
WORKER_LOST = gettext_noop("The worker that ran this job stopped without a word.")


class LeaseLost(BaseException):
    """The job belongs to someone else by now; no `except Exception` of a task may hide it."""


class Cancelled(BaseException):
    """Someone asked for this job to end."""


FINAL = (PermanentError, InputError)
FOR_PEOPLE = (*FINAL, LeaseLost)


def claim(*, worker: str, now: datetime, lease: timedelta) -> Job | None:
    """Take the first job that is due, or nothing."""
    due = Job.objects.filter(state=State.WAITING, run_after__lte=now)
    for job in due.order_by("-priority", "run_after", "pk")[:LOOK_AHEAD]:
        if take(job, worker=worker, now=now, lease=lease):
            return Job.objects.get(pk=job.pk)
    return None


def take(job: Job, *, worker: str, now: datetime, lease: timedelta) -> bool:
    """Make one waiting job ours; False where another worker was quicker."""
    seen = Job.objects.filter(pk=job.pk, state=State.WAITING, attempts=job.attempts)
    taken = seen.update(
        state=State.RUNNING,
        lease=get_random_string(32),
        leased_until=now + lease,
        attempts=job.attempts + 1,
        workers=[*job.workers, worker],
        started_at=Coalesce(F("started_at"), now),
        attempted_at=now,
        again=False,
        share=0.0,
        progress="",
        progress_values={},
    )
    return taken == 1


def held(job: Job) -> QuerySet[Job]:
    """Give the row of a job, if we still hold its lease."""
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, lease=job.lease)


def renew(job: Job, *, now: datetime, lease: timedelta) -> bool:
    """Keep a job longer; False where it is ours no more."""
    return held(job).update(leased_until=now + lease) == 1


def finish(job: Job, result: Any, *, now: datetime) -> None:
    """Keep the result; run again where someone asked for that meanwhile."""
    with transaction.atomic():
        kept = normalize_json(result)
        _settle(job, state=State.DONE, result=kept, share=1.0, finished_at=now)
        _once_more(job, now)


def fail(job: Job, error: BaseException, *, now: datetime, chance: Random) -> None:
    """Try again later, or, with no tries left, keep the job where people find it."""
    errors = [*job.errors, _kept(error, now)]
    with transaction.atomic():
        if isinstance(error, FINAL) or job.attempts >= job.max_attempts:
            _settle(job, state=State.FAILED, errors=errors, finished_at=now)
            _once_more(job, now)
        else:
            wait = _wait(job, chance)
            _settle(job, state=State.WAITING, errors=errors, run_after=now + wait)


def cancel(job: Job, *, now: datetime) -> None:
    """End a running job that someone asked to end."""
    _settle(job, state=State.CANCELLED, finished_at=now)


def give_back(job: Job) -> None:
    """Let go of a job that we have no time to finish; this try does not count."""
    _settle(job, state=State.WAITING, attempts=max(job.attempts - 1, 0))


def recover(*, now: datetime) -> list[Job]:
    """Free the jobs whose worker let the lease run out."""
    late = Job.objects.filter(state=State.RUNNING, leased_until__lt=now)
    return [job for job in late if _free(job, now)]


def _free(job: Job, now: datetime) -> bool:
    lost = [*job.errors, _kept(LeaseLost(WORKER_LOST), now)]
    values: dict[str, Any] = {**FREE, "errors": lost, "state": State.WAITING, "run_after": now}
    if job.cancel_asked:
        values |= {"state": State.CANCELLED, "finished_at": now}
    elif job.attempts >= job.max_attempts:
        values |= {"state": State.FAILED, "finished_at": now}
    return held(job).filter(leased_until__lt=now).update(**values) == 1


def _settle(job: Job, **values: Any) -> None:
    if not held(job).update(**{**FREE, **values}):
        raise LeaseLost(f"{job} was taken over before it ended")


def _once_more(job: Job, now: datetime) -> None:
    if Job.objects.filter(pk=job.pk, again=True).exists():
        put(task_of(job), job.args, job.kwargs, now)


def _wait(job: Job, chance: Random) -> timedelta:
    try:
        task = task_of(job)
    except ImportError:
        return timedelta(minutes=1)
    return task.wait(job.attempts, chance) if isinstance(task, JobTask) else timedelta(seconds=10)


def _kept(error: BaseException, now: datetime) -> dict[str, str]:
    """Keep an error: what it says to people is alone where it was raised for them."""
    kind, trace = type(error), "".join(format_exception(error))
    said = str(error) if isinstance(error, FOR_PEOPLE) else f"{kind.__name__}: {error}"
    name = f"{kind.__module__}.{kind.__qualname__}"
    return {"class": name, "traceback": trace, "message": said, "at": now.isoformat()}
