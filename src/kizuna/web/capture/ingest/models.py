"""Write keys: by them programs and pages send events; only a digest of each is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NOTED_EVERY = timedelta(minutes=1)
PER_SECOND = 2_000
MOST_PER_SECOND = 1_000_000


class Kind(models.TextChoices):
    """Who sends with a key."""

    SERVER = "server", _("a server or a program")
    BROWSER = "browser", _("pages in a browser")


class WriteKey(models.Model):
    """A key that may send events, and nothing else."""

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind)
    start = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    origins = models.JSONField(default=list)
    per_second = models.PositiveIntegerField(default=PER_SECOND)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        """A key of a server names no pages; each rate is one that can be kept."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="write_key_is_known"),
            models.CheckConstraint(
                condition=Q(kind=Kind.BROWSER) | Q(origins=[]), name="write_key_origins_of_pages"
            ),
            models.CheckConstraint(
                condition=Q(per_second__gte=1, per_second__lte=MOST_PER_SECOND),
                name="write_key_rate_is_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"write key {self.pk}: {self.name}"
