"""Reads: what waits, runs and ran, what comes by itself, and whether anyone works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, ngettext

from kizuna.web.jobs import schedules
from kizuna.web.jobs.backend import task_of
from kizuna.web.jobs.models import Job, State, Tick, Worker
from kizuna.web.jobs.tasks import JobTask

SHOWN = 50
WORKER_SILENCE = timedelta(seconds=60)


@dataclass(frozen=True)
class Silence:
    """No worker gives a sign of life; `since` is the last one, or None where none ever started."""

    since: datetime | None


@dataclass(frozen=True)
class Row:
    """A job as the page shows it."""

    job: Job
    title: str
    stalled: bool = False

    @property
    def took(self) -> str:
        """How long the last try took."""
        if not (self.job.attempted_at and self.job.finished_at):
            return "–"
        seconds = max((self.job.finished_at - self.job.attempted_at).total_seconds(), 0)
        if seconds < 60:
            return gettext("%(seconds)s s") % {"seconds": f"{seconds:.1f}"}
        minutes = round(seconds / 60)
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}

    @property
    def tries(self) -> str:
        """Which try this is, of how many."""
        numbers = {"number": self.job.attempts, "most": self.job.max_attempts}
        return gettext("%(number)s of %(most)s") % numbers


@dataclass(frozen=True)
class Planned:
    """A schedule as the page shows it."""

    title: str
    last_at: datetime | None
    next_at: datetime


@dataclass(frozen=True)
class Overview:
    """Everything on the page of background work."""

    running: list[Row]
    waiting: list[Row]
    failed: list[Row]
    ended: list[Row]
    counts: dict[str, int]
    planned: list[Planned]
    silence: Silence | None

    @property
    def empty(self) -> bool:
        """Whether nothing was ever asked for."""
        return not self.counts

    @property
    def fingerprint(self) -> str:
        """Tell two states of the page apart: the same one need not be drawn again."""
        rows = [*self.running, *self.waiting, *self.failed, *self.ended]
        jobs = [
            (r.job.pk, r.job.state, r.job.attempts, r.job.share, r.job.progress_text, r.tries)
            for r in rows
        ]
        asked = [(r.job.cancel_asked, r.stalled) for r in rows]
        said = repr((jobs, asked, self.counts, self.planned, self.silence))
        return sha256(said.encode()).hexdigest()[:16]


def overview(*, now: datetime) -> Overview:
    """Read the page of background work."""
    ended = Job.objects.filter(state__in=(State.DONE, State.CANCELLED)).order_by("-finished_at")
    return Overview(
        running=rows(Job.objects.filter(state=State.RUNNING).order_by("attempted_at"), now),
        waiting=rows(waiting_in_order(), now),
        failed=rows(Job.objects.filter(state=State.FAILED).order_by("-finished_at"), now),
        ended=rows(ended, now),
        counts=counts(),
        planned=planned(now=now),
        silence=silence(now=now),
    )


def waiting_in_order() -> QuerySet[Job]:
    """Give the jobs that wait, in the order in which a worker takes them."""
    return Job.objects.filter(state=State.WAITING).order_by("-priority", "run_after", "pk")


def rows(jobs: QuerySet[Job], now: datetime) -> list[Row]:
    """Name the first jobs of a list."""
    return [Row(job, title_of(job), _stalled(job, now)) for job in jobs[:SHOWN]]


def latest(*, state: str | None, now: datetime) -> list[Row]:
    """Name the latest jobs, of one state or of all."""
    found = Job.objects.filter(state=state) if state else Job.objects.all()
    return rows(found.order_by("-pk"), now)


def one(*, pk: int, now: datetime) -> Row:
    """Name one job."""
    job = Job.objects.get(pk=pk)
    return Row(job, title_of(job), _stalled(job, now))


def _stalled(job: Job, now: datetime) -> bool:
    """Whether a job's worker let the lease run out, and no other has taken over yet."""
    return job.leased_until is not None and job.leased_until < now


def title_of(job: Job) -> str:
    """What people read as the name of a job, even if its code is gone."""
    try:
        task = task_of(job)
    except ImportError:
        return _in_words(job.task.rpartition(".")[2])
    return task.label if isinstance(task, JobTask) else gettext(_in_words(task.name))


def _in_words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def counts() -> dict[str, int]:
    """Count the jobs in each state."""
    found = Job.objects.order_by().values_list("state").annotate(count=Count("pk"))
    return {str(state): count for state, count in found}


def planned(*, now: datetime) -> list[Planned]:
    """List the schedules with their last and next moment."""
    last = dict(Tick.objects.order_by().values_list("schedule").annotate(at=Max("due_at")))
    return [
        Planned(str(s.title or s.name), last.get(s.name), s.next_due(now))
        for s in schedules.declared()
    ]


def silence(*, now: datetime) -> Silence | None:
    """Say since when no worker gives a sign of life; None where one does."""
    seen = Worker.objects.aggregate(
        at=Max(Coalesce("stopped_at", "heartbeat_at")),
        alive_at=Max("heartbeat_at", filter=Q(stopped_at=None)),
    )
    alive = seen["alive_at"] is not None and seen["alive_at"] >= now - WORKER_SILENCE
    return None if alive else Silence(seen["at"])


def at_work(*, now: datetime) -> int:
    """Count the workers that give a sign of life."""
    there = Worker.objects.filter(stopped_at=None, heartbeat_at__gte=now - WORKER_SILENCE)
    return there.count()
