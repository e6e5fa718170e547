"""What runs by itself: declared in code, enqueued once a tick however many workers there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.tasks import Task
from django.utils.functional import Promise

from kizuna.web.jobs.backend import put
from kizuna.web.jobs.models import Tick

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A task and its moments: every so often, or each day at a time of the organisation's clock."""

    name: str
    task: Task[..., Any]
    every: timedelta | None = None
    at: time | None = None
    title: str | Promise = ""

    def __post_init__(self) -> None:
        if (self.every is None) == (self.at is None):
            raise ValueError(f"schedule {self.name!r} needs either every= or at=")

    def last_due(self, now: datetime) -> datetime:
        """Give the last moment at or before `now`."""
        if self.every:
            return now - (now - EPOCH) % self.every
        today = _local(now).date()
        return self._on(today) if self._on(today) <= now else self._on(today - DAY)

    def next_due(self, now: datetime) -> datetime:
        """Give the first moment after `now`."""
        if self.every:
            return self.last_due(now) + self.every
        today = _local(now).date()
        return self._on(today) if self._on(today) > now else self._on(today + DAY)

    def _on(self, day: date) -> datetime:
        at = self.at or time()
        return datetime.combine(day, at, tzinfo=ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)


def _local(now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(settings.TIME_ZONE))


_declared: dict[str, Schedule] = {}


def declare(
    *,
    name: str,
    task: Task[..., Any],
    every: timedelta | None = None,
    at: time | None = None,
    title: str | Promise = "",
) -> None:
    """Have a task run on a schedule; called from `AppConfig.ready`."""
    _declared[name] = Schedule(name=name, task=task, every=every, at=at, title=title)


def declared() -> list[Schedule]:
    """Give every schedule, by name."""
    return [_declared[name] for name in sorted(_declared)]


def enqueue_due(*, now: datetime) -> None:
    """Enqueue each schedule that came due since its last tick, once for all that were missed."""
    for schedule in declared():
        due, last = schedule.last_due(now), Tick.last_of(schedule.name)
        if last is None or due > last:
            _tick(schedule, due, first=last is None, now=now)


def _tick(schedule: Schedule, due: datetime, *, first: bool, now: datetime) -> None:
    """Write the tick and its job together; a new schedule waits for its next moment."""
    try:
        with transaction.atomic():
            tick = Tick.objects.create(schedule=schedule.name, due_at=due)
            if not first:
                tick.job = put(schedule.task, [], {}, now)
                tick.save(update_fields=["job"])
    except IntegrityError:
        return  # another worker was first
