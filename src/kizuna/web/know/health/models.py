"""What people add to health: bands, scorecards, their own rating, and overrides with an end."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Bands(models.Model):
    """A version of where bands begin, by kind: [to be watched from, healthy from]."""

    limits = models.JSONField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"health bands {self.pk}"


class Scorecard(models.Model):
    """A version of the scorecard; the newest counts. Version 1 is the one that is offered."""

    version = models.PositiveIntegerField(unique=True)
    card = models.JSONField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The first own one is version 2."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(version__gte=2), name="own_scorecards_from_2")
        ]

    def __str__(self) -> str:
        return f"scorecard {self.version}"


class Rating(models.Model):
    """What whoever looks after a customer thinks, 1 to 5; it holds until she is handed over."""

    customer_id = models.TextField()
    rating = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    owner_email = models.TextField(blank=True)
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    rated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """From 1 to 5; the latest first."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rating__gte=1) & Q(rating__lte=5), name="rating_from_1_to_5"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "-rated_at"], name="ratings_latest")
        ]

    def __str__(self) -> str:
        return f"rating {self.pk}"


class Override(models.Model):
    """Health as a person sets it, with a reason and a last day; what is computed stays beside."""

    customer_id = models.TextField()
    health = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500)
    until_on = models.DateField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        """0 to 100, with a reason; one at a time."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(health__lte=100), name="override_from_0_to_100"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
            models.UniqueConstraint(
                fields=["customer_id"],
                condition=Q(ended_at=None),
                name="one_override_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "-set_at"], name="overrides_latest")
        ]

    def __str__(self) -> str:
        return f"override {self.pk}"

    @property
    def values(self) -> dict[str, Any]:
        """What it says."""
        day = self.until_on.isoformat()
        return {"health": self.health, "reason": self.reason, "until_on": day}
