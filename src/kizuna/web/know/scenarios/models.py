"""Scenarios that people keep: what they move, never what came of it, which follows the data."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

LIMITS: dict[str, tuple[float, float]] = {
    "loss": (-50.0, 50.0),
    "frequency": (-50.0, 100.0),
    "basket": (-50.0, 100.0),
    "acquisition": (-90.0, 200.0),
}
"""Changes in percent that may be asked for; the published tables reach as far for the loss."""


class Scenario(models.Model):
    """Changes under a name; `version` counts them, so that nobody's change is lost."""

    name = models.CharField(max_length=120, unique=True)
    loss = models.FloatField(default=0.0)
    frequency = models.FloatField(default=0.0)
    basket = models.FloatField(default=0.0)
    acquisition = models.FloatField(default=0.0)
    margin = models.FloatField(null=True)
    cost = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        """A scenario has a name, and changes that can be computed."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="a_scenario_has_a_name"),
            models.CheckConstraint(
                condition=Q(margin__isnull=True) | Q(margin__gt=0, margin__lte=100),
                name="scenario_margin_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gt=0), name="scenario_cost_is_positive"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__gte": low, f"{name}__lte": high}),
                    name=f"scenario_{name}_within_limits",
                )
                for name, (low, high) in LIMITS.items()
            ),
        ]

    def __str__(self) -> str:
        return f"scenario {self.pk}"

    @property
    def values(self) -> dict[str, Any]:
        """What it moves."""
        names = (*LIMITS, "margin", "cost", "currency")
        return {name: getattr(self, name) for name in names}
