"""The queue's own housekeeping."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kizuna.web.accounts.services.upkeep import clear_expired
from kizuna.web.interface.once import forget
from kizuna.web.jobs.models import Job, State, Tick, Worker
from kizuna.web.jobs.tasks import job

KEPT = timedelta(days=30)
FAILED_KEPT = timedelta(days=90)
AT_ONCE = 500


@job(title=_("Clear away old jobs"), unique="clear away")
def clear_away() -> int:
    """Forget jobs, workers and ticks that nobody asks about any more."""
    return clear_before(timezone.now())


@job(title=_("Clear away sessions that have ended"), unique="clear sessions")
def clear_sessions() -> int:
    """Forget browsers that are signed in no more."""
    return clear_expired(now=timezone.now())


@job(title=_("Forget answers of the programming interface"), unique="forget answers")
def forget_answers() -> int:
    """Forget answers that programs will not ask for again."""
    return forget(now=timezone.now())


def clear_before(now: datetime) -> int:
    """Delete what is too old, a little at a time so that nobody has to wait; give the number."""
    old, very_old = now - KEPT, now - FAILED_KEPT
    ended = Job.objects.filter(state__in=(State.DONE, State.CANCELLED), finished_at__lt=old)
    failed = Job.objects.filter(state=State.FAILED, finished_at__lt=very_old)
    silent = Worker.objects.filter(heartbeat_at__lt=old)
    return sum(_delete(some) for some in (ended, failed, silent, _past_ticks(old)))


def _past_ticks(old: datetime) -> QuerySet[Tick]:
    """Give ticks that are old, but never a schedule's last one."""
    newest = Tick.objects.order_by("schedule", "-due_at")
    last = {tick.schedule: tick.pk for tick in reversed(newest)}
    return Tick.objects.filter(due_at__lt=old).exclude(pk__in=last.values())


def _delete[M: Model](rows: QuerySet[M]) -> int:
    gone = 0
    while keys := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        gone += len(keys)
    return gone
