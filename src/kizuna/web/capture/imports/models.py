"""Imports of files, and how columns are mapped."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_batch() -> str:
    """Name a batch that nobody else has."""
    return secrets.token_hex(6)


class Status(models.TextChoices):
    """How far an import has come."""

    UPLOADED = "uploaded", _("Columns to be confirmed")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    LOADING = "loading", _("Being imported")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Stopped")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


WORKING = (Status.CHECKING, Status.LOADING, Status.UNDOING)
BEFORE = (Status.UPLOADED, Status.CHECKED, Status.FAILED)
"""Nothing of the file is in the store yet."""


class Import(models.Model):
    """One file on its way into the store; `batch` is its name there."""

    batch = models.CharField(max_length=32, unique=True, default=new_batch)
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    file_name = models.CharField(max_length=255)
    path = models.TextField()
    uploaded = models.BooleanField()
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64, blank=True)
    preview = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    found = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    job = models.BigIntegerField(null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """What is done says when."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values), name="import_status_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status=Status.DONE) | models.Q(finished_at__isnull=False),
                name="import_done_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.batch}: {self.file_name}"

    @property
    def mood(self) -> str:
        """Mood of its badge."""
        moods = {Status.DONE: "good", Status.FAILED: "serious", Status.UNDONE: "unknown"}
        return moods.get(Status(self.status), "info")

    @property
    def rows_left_out(self) -> int:
        """Rows of the file that are not used."""
        rejected: dict[str, int] = self.found.get("rejected", {})
        return sum(rejected.values())


class Mapping(models.Model):
    """Which column is which, kept under a name for the next file of the same kind."""

    name = models.CharField(max_length=100, unique=True)
    mapping = models.JSONField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name
