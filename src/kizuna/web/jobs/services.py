"""Writes: announcements between apps, and what people do to jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.jobs.models import Job, State

_listeners: defaultdict[str, list[Callable[..., object]]] = defaultdict(list)


def listen(name: str, function: Callable[..., object]) -> None:
    """Have a function called whenever something is announced; called from `AppConfig.ready`."""
    if function not in _listeners[name]:
        _listeners[name].append(function)


def announce(name: str, **payload: Any) -> None:
    """Tell whoever listens, here and now, in the transaction of the caller.

    Listeners should enqueue a task and return; what they raise reaches the caller.
    """
    for function in list(_listeners.get(name, ())):
        function(**payload)


class NotPossibleError(Exception):
    """What was asked cannot be done to this job any more; the message says why."""


def retry(*, actor: Person, job_id: int, request: HttpRequest | None = None) -> Job:
    """Have a job that failed or was cancelled run again, with all its tries."""
    _managers_only(actor)
    with transaction.atomic():
        job = _locked(job_id)
        if job.state not in (State.FAILED, State.CANCELLED):
            raise NotPossibleError(gettext("This job did not fail: it is left as it is."))
        _wait_again(job)
        _record(actor, "jobs.job.retried", job, request)
    return job


def cancel(*, actor: Person, job_id: int, request: HttpRequest | None = None) -> Job:
    """End a job that waits; ask one that runs to end, which it does when it next reports."""
    _managers_only(actor)
    with transaction.atomic():
        job = _locked(job_id)
        if job.state == State.WAITING:
            values: dict[str, Any] = {"state": State.CANCELLED, "finished_at": timezone.now()}
        elif job.state == State.RUNNING:
            values = {"cancel_asked": True}
        else:
            raise NotPossibleError(gettext("This job has ended already."))
        Job.objects.filter(pk=job.pk).update(**values)
        _record(actor, "jobs.job.cancelled", job, request)
    return job


def _managers_only(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _locked(job_id: int) -> Job:
    try:
        return Job.objects.select_for_update().get(pk=job_id)
    except Job.DoesNotExist as problem:
        raise NotPossibleError(gettext("This job is not kept any more.")) from problem


def _wait_again(job: Job) -> None:
    now = timezone.now()
    fresh = {"attempts": 0, "run_after": now, "finished_at": None, "cancel_asked": False}
    try:
        with transaction.atomic():
            Job.objects.filter(pk=job.pk).update(state=State.WAITING, **fresh)
    except IntegrityError as problem:
        said = gettext("The same work already waits or runs: it need not be asked for again.")
        raise NotPossibleError(said) from problem


def _record(actor: Person, action: str, job: Job, request: HttpRequest | None) -> None:
    target = f"job {job.pk} {job.task}"
    audit(actor=actor, action=action, target=target, before={"state": job.state}, request=request)
