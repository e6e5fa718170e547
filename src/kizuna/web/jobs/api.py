"""Background work for programs: where what they asked for stands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Field, Path, Query, Router, Schema

from kizuna.web.accounts.models import Role, Scope
from kizuna.web.interface.keys import Key
from kizuna.web.interface.shapes import Id
from kizuna.web.jobs import queries
from kizuna.web.jobs.queries import Row

router = Router(tags=["jobs"])


class JobShape(Schema):
    """A job; `share` is its progress from 0 to 1."""

    id: int
    title: str
    state: str
    share: float
    progress: str
    error: str
    attempts: int
    max_attempts: int
    enqueued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Jobs(Schema):
    """The latest jobs, and since when no worker gives a sign of life, if so."""

    items: list[JobShape]
    worker_is_silent: bool
    worker_seen_at: datetime | None


class JobsAsked(Schema):
    """Which jobs."""

    state: Literal["waiting", "running", "done", "failed", "cancelled"] | None = Field(None)


@router.get(
    "/jobs",
    auth=Key(Scope.READ, Role.MEMBER),
    response=Jobs,
    summary=gettext_noop("List the latest jobs"),
)
def list_jobs(request: HttpRequest, asked: Query[JobsAsked]) -> dict[str, Any]:
    """Give up to 50 jobs, the latest first; only a member or above holds such a key."""
    now = timezone.now()
    silence = queries.silence(now=now)
    return {
        "items": [_job(row) for row in queries.latest(state=asked.state, now=now)],
        "worker_is_silent": silence is not None,
        "worker_seen_at": silence.since if silence else None,
    }


@router.get(
    "/jobs/{int:pk}",
    auth=Key(Scope.READ, Role.MEMBER),
    response=JobShape,
    summary=gettext_noop("Tell where one job stands"),
)
def one_job(request: HttpRequest, pk: Annotated[Id, Path(...)]) -> dict[str, Any]:
    """Give one job."""
    return _job(queries.one(pk=pk, now=timezone.now()))


def _job(row: Row) -> dict[str, Any]:
    names = ("state", "share", "attempts", "max_attempts", "enqueued_at", "started_at",
             "finished_at")  # fmt: skip
    return {
        **{name: getattr(row.job, name) for name in names},
        "id": row.job.pk,
        "title": row.title,
        "progress": row.job.progress_text,
        "error": row.job.last_error,
    }
