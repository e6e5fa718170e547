"""What a contact costs the company, by channel."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

ANY = "*"
"""The channel of a rate that holds for all channels without one of their own."""


class ServiceRate(models.Model):
    """What a contact and a minute of it cost on a channel, in units of the currency."""

    channel = models.CharField(max_length=40, unique=True)
    per_contact = models.DecimalField(max_digits=12, decimal_places=4)
    per_minute = models.DecimalField(max_digits=12, decimal_places=4)

    class Meta:
        """A rate is of a channel, and is never below zero."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(channel=""), name="service_rate_is_of_a_channel"),
            models.CheckConstraint(
                condition=Q(per_contact__gte=0) & Q(per_minute__gte=0),
                name="service_rate_is_not_below_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"service rate {self.pk}"

    @property
    def values(self) -> dict[str, Any]:
        """What it says, as texts that lose nothing."""
        amounts = {name: str(getattr(self, name)) for name in ("per_contact", "per_minute")}
        return {"channel": self.channel} | amounts
