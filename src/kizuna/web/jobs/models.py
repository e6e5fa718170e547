"""The queue: jobs with their leases, the workers that run them, and the ticks of schedules."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy


class State(models.TextChoices):
    """Where a job stands; the last three are final until someone retries it."""

    WAITING = "waiting", pgettext_lazy("job", "Waiting")
    RUNNING = "running", pgettext_lazy("job", "Running")
    DONE = "done", pgettext_lazy("job", "Done")
    FAILED = "failed", pgettext_lazy("job", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("job", "Cancelled")


ALIVE = (State.WAITING, State.RUNNING)


class Job(models.Model):
    """One call of a task, from the moment it is asked for to its result or its last error."""

    task = models.CharField(max_length=200)
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    queue = models.CharField(max_length=64, default="default")
    priority = models.SmallIntegerField(default=0)
    unique_key = models.CharField(max_length=200, null=True)  # null: may repeat
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    again = models.BooleanField(default=False)
    cancel_asked = models.BooleanField(default=False)

    run_after = models.DateTimeField()
    enqueued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    attempted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    workers = models.JSONField(default=list)
    lease = models.CharField(max_length=32, default="")
    leased_until = models.DateTimeField(null=True)

    share = models.FloatField(default=0.0)
    progress = models.TextField(default="")
    progress_values = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    errors = models.JSONField(default=list)

    class Meta:
        """One living job a key; who runs holds a lease, and nobody else does."""

        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"], condition=Q(state__in=ALIVE), name="one_living_job_a_key"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING, leased_until__isnull=False)
                | (~Q(state=State.RUNNING) & Q(leased_until__isnull=True)),
                name="running_means_leased",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-priority", "run_after"], name="job_next"),
            models.Index(fields=["state", "-finished_at"], name="job_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.task} #{self.pk}"

    @property
    def progress_text(self) -> str:
        """What the task last said, in the language of whoever reads."""
        if not self.progress_values:
            return self.progress
        return str(gettext(self.progress) % self.progress_values)

    @property
    def last_error(self) -> str:
        """What went wrong last, without where."""
        said = str(self.errors[-1]["message"]) if self.errors else ""
        return gettext(said) if said else ""

    @property
    def percent(self) -> int:
        """Progress from 0 to 100."""
        return round(100 * self.share)


class Worker(models.Model):
    """A process that runs jobs, and when it last gave a sign of life."""

    name = models.CharField(max_length=120, unique=True)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Tick(models.Model):
    """A schedule came due; the constraint lets one worker of several enqueue it."""

    schedule = models.CharField(max_length=100)
    due_at = models.DateTimeField()
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        """Once a schedule and moment."""

        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="one_tick_a_moment")
        ]

    def __str__(self) -> str:
        return f"{self.schedule} at {self.due_at:%Y-%m-%d %H:%M}"

    @staticmethod
    def last_of(schedule: str) -> datetime | None:
        """When a schedule last came due."""
        ticks = Tick.objects.filter(schedule=schedule).order_by("-due_at")
        return ticks.values_list("due_at", flat=True).first()
