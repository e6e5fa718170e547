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


class Table(models.TextChoices):
    """What the rows of a file are."""

    ORDERS = "orders", _("Orders")
    CUSTOMERS = "customers", _("Customers")
    CONTRACTS = "contracts", _("Contracts")
    CONTRACT_CHANGES = "contract_changes", _("Changes of contracts")
    EVENTS = "events", _("Events")
    INTERACTIONS = "interactions", _("Contacts with customers")
    RESPONSES = "responses", _("Survey answers")
    COSTS = "costs", _("Costs")


class Status(models.TextChoices):
    """How far an import has come."""

    LOOKING = "looking", _("Being looked at")
    UPLOADED = "uploaded", _("Columns to be confirmed")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    LOADING = "loading", _("Being imported")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Stopped")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


WORKING = (Status.LOOKING, Status.CHECKING, Status.LOADING, Status.UNDOING)
BEFORE = (Status.UPLOADED, Status.CHECKED, Status.FAILED)
"""Nothing of the file is in the store yet."""


class Import(models.Model):
    """One file on its way into the store; `batch` is its name there."""

    batch = models.CharField(max_length=32, unique=True, default=new_batch)
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    table = models.CharField(max_length=20, choices=Table, default=Table.ORDERS)
    file_name = models.CharField(max_length=255)
    sheet = models.CharField(max_length=255, blank=True)
    source = models.CharField(max_length=255, blank=True)
    at_once = models.BooleanField(default=False)
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
                condition=models.Q(table__in=Table.values), name="import_table_is_known"
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

    name = models.CharField(max_length=100)
    table = models.CharField(max_length=20, choices=Table, default=Table.ORDERS)
    mapping = models.JSONField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        """A name stands for one way to read one table."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["table", "name"], name="mapping_name_once_a_table"),
            models.CheckConstraint(
                condition=models.Q(table__in=Table.values), name="mapping_table_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Seen(models.Model):
    """Up to which version of a log the imports in it are known here."""

    log = models.CharField(max_length=40, unique=True)
    version = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.log} up to version {self.version}"
