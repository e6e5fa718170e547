"""Which actions may be chosen, for whom, and how much may be spent on what is chosen."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kizuna.experiments.allocation import LEAST_EXPLORED
from kizuna.web.act.actions.models import Action, new_salt
from kizuna.web.know.segments.models import Segment


class Offer(models.Model):
    """An action among which may be chosen; without a segment it is for everyone."""

    action = models.OneToOneField(Action, models.CASCADE, related_name="offer")
    segment = models.ForeignKey(Segment, models.CASCADE, null=True, related_name="+")
    capacity = models.PositiveIntegerField(null=True)
    minutes = models.FloatField(default=0.0)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    offered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Hands and minutes are counts."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(capacity__gte=1), name="offer_has_hands"
            ),
            models.CheckConstraint(condition=Q(minutes__gte=0), name="offer_takes_time"),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}"

    @property
    def cost(self) -> float:
        """What doing it to one customer costs, in the minor unit."""
        return self.action.cost_per_unit + self.action.cost_per_minute * self.minutes


class Limits(models.Model):
    """The one row of what may be spent on what is chosen, in the minor unit, and of chance."""

    THE_ONE = 1
    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    budget = models.BigIntegerField(null=True)
    explored = models.FloatField(default=LEAST_EXPLORED)
    salt = models.CharField(max_length=40, default=new_salt, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """At most one row; chance has its share."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="one_row_of_limits"),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(budget__gte=0), name="budget_is_money"
            ),
            models.CheckConstraint(
                condition=Q(explored__gte=LEAST_EXPLORED, explored__lte=0.5),
                name="chance_has_its_share",
            ),
        ]

    def __str__(self) -> str:
        return "limits of what is chosen"
