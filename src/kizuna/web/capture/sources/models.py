"""Connections to databases, what is read of them, and each reading."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kizuna.web.capture.imports.models import Table


class Kind(models.TextChoices):
    """What can be read from."""

    POSTGRESQL = "postgresql", "PostgreSQL"
    MYSQL = "mysql", "MySQL / MariaDB"
    SQLITE = "sqlite", "SQLite"


class Security(models.TextChoices):
    """How much a connection is held to TLS."""

    PREFER = "prefer", _("encrypted where the server can")
    REQUIRE = "require", _("encrypted")
    VERIFY = "verify-full", _("encrypted, and the server's certificate checked")
    DISABLE = "disable", _("not encrypted")


class Every(models.TextChoices):
    """How often something is read."""

    NEVER = "", _("only when asked")
    HOUR = "hour", _("every hour")
    DAY = "day", _("every day")


class Outcome(models.TextChoices):
    """How far a reading has come."""

    READING = "reading", pgettext_lazy("database", "Being read")
    DONE = "done", pgettext_lazy("database", "Read")
    FAILED = "failed", pgettext_lazy("database", "Broken off")


class Connection(models.Model):
    """A database, and who reads it; the password is kept encrypted."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    host = models.CharField(max_length=255, blank=True)
    port = models.PositiveIntegerField(null=True)
    database = models.CharField(max_length=255)
    user = models.CharField(max_length=128, blank=True)
    hidden_password = models.TextField(blank=True)
    security = models.CharField(max_length=12, choices=Security, default=Security.PREFER)
    problem = models.JSONField(null=True)
    tested_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A server has a name, a file has none."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="connection_is_known"),
            models.CheckConstraint(
                condition=Q(kind=Kind.SQLITE, host="") | (~Q(kind=Kind.SQLITE) & ~Q(host="")),
                name="connection_server_has_a_host",
            ),
        ]

    def __str__(self) -> str:
        return f"connection {self.pk}: {self.name}"


class Source(models.Model):
    """A table or a query that is read, and how often; a change of what is read begins anew."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="sources")
    schema = models.CharField(max_length=128, blank=True)
    table = models.CharField(max_length=128, blank=True)
    query = models.TextField(blank=True)
    key = models.JSONField(default=list)
    since = models.CharField(max_length=128, blank=True)
    rows_are = models.CharField(max_length=20, choices=Table, default=Table.ORDERS)
    every = models.CharField(max_length=4, choices=Every, blank=True, default=Every.NEVER)
    hour = models.PositiveSmallIntegerField(default=3)
    at_once = models.BooleanField(default=False)
    next_at = models.DateTimeField(null=True, db_index=True)
    generation = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Either a table or a query; a moment to come only where there is a schedule."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(table="") & ~Q(query="")) | (~Q(table="") & Q(query="")),
                name="source_is_a_table_or_a_query",
            ),
            models.CheckConstraint(condition=Q(hour__lt=24), name="source_hour_is_of_a_day"),
            models.CheckConstraint(
                condition=Q(every__in=Every.values) & Q(rows_are__in=Table.values),
                name="source_choices_are_known",
            ),
        ]

    def __str__(self) -> str:
        return f"source {self.pk}: {self.name}"

    @property
    def name(self) -> str:
        """What is read, in short."""
        if self.query:
            return " ".join(self.query.split())[:80]
        return f"{self.schema}.{self.table}" if self.schema else self.table


class Fetch(models.Model):
    """One reading of a source: from which value of its column to which, and what became of it."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="fetches")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.READING)
    generation = models.PositiveIntegerField()
    began_from = models.JSONField(null=True)
    ended_at = models.JSONField(null=True)
    rows = models.BigIntegerField(default=0)
    error = models.JSONField(null=True)
    entry = models.ForeignKey("imports.Import", models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    job = models.BigIntegerField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """One at a time; what has ended says when."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(outcome="reading"), name="one_reading_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(outcome="reading", finished_at__isnull=True)
                | (Q(outcome__in=["done", "failed"]) & Q(finished_at__isnull=False)),
                name="a_reading_ends_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"reading {self.pk} of {self.source}"
