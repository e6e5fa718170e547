"""When the service is open, and how soon customers are promised an answer and a solution."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class ServiceCalendar(models.Model):
    """Open hours by day of the week in a time zone, and the days that are closed."""

    name = models.CharField(max_length=80, unique=True)
    zone = models.CharField(max_length=60)
    week = models.JSONField()
    country = models.CharField(max_length=2, blank=True)
    turn_of_year = models.BooleanField(default=False)
    own_days = models.TextField(blank=True)

    class Meta:
        """A calendar has a name."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="service_calendar_has_a_name")
        ]

    def __str__(self) -> str:
        return f"service calendar {self.pk}"

    @property
    def values(self) -> dict[str, Any]:
        """What it says."""
        names = ("name", "zone", "week", "country", "turn_of_year", "own_days")
        return {name: getattr(self, name) for name in names}


class ServiceTarget(models.Model):
    """A promise: minutes of open time to the first answer and to the solution."""

    name = models.CharField(max_length=80, unique=True)
    position = models.PositiveIntegerField(default=1)
    channel = models.CharField(max_length=40, blank=True)
    calendar = models.ForeignKey(ServiceCalendar, models.PROTECT, related_name="targets")
    first_response_minutes = models.PositiveIntegerField(null=True)
    resolution_minutes = models.PositiveIntegerField(null=True)

    class Meta:
        """A promise has a name and promises something."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="service_target_has_a_name"),
            models.CheckConstraint(
                condition=Q(first_response_minutes__gt=0) | Q(resolution_minutes__gt=0),
                name="service_target_promises_something",
            ),
        ]

    def __str__(self) -> str:
        return f"service target {self.pk}"

    @property
    def values(self) -> dict[str, Any]:
        """What it promises."""
        names = ("name", "position", "channel", "first_response_minutes", "resolution_minutes")
        return {name: getattr(self, name) for name in names} | {"calendar": self.calendar_id}
