"""Publications: each is one state of knowledge, the tables' versions that belong together."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """How far a publication has come."""

    ASKED = "asked", _("Waiting")
    RUNNING = "running", _("Running")
    PUBLISHED = "published", _("Published")
    FAILED = "failed", _("Failed")


class Publication(models.Model):
    """One run of the pipeline, and what it published; readers read the latest published one."""

    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True, db_index=True)
    as_of = models.DateField(null=True)
    versions = models.JSONField(default=dict)
    read_versions = models.JSONField(default=dict)
    trace = models.JSONField(default=list)
    summary = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    failed_checks = models.JSONField(default=list)

    class Meta:
        """One publication waits at most; a published one says when and up to which day."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values), name="publication_status_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status=Status.PUBLISHED)
                | models.Q(published_at__isnull=False, as_of__isnull=False),
                name="published_at_a_moment",
            ),
            models.UniqueConstraint(
                fields=["status"],
                condition=models.Q(status=Status.ASKED),
                name="one_publication_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"publication {self.pk}"

    @property
    def mood(self) -> str:
        """Mood of its badge."""
        moods = {Status.PUBLISHED: "good", Status.FAILED: "serious"}
        return moods.get(Status(self.status), "info")

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
