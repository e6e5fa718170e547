"""What people decided by a result, and experiments that were made elsewhere."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Verb(models.TextChoices):
    """What can be decided."""

    RAISE = "raise", _("Hold out more")
    STOP = "stop", _("Stop")
    CONCLUDE = "conclude", _("Conclude")
    NOTE = "note", _("Go on as it is")


class Decision(models.Model):
    """What was decided about an action, why, and what its result said at that moment."""

    action = models.ForeignKey("actions.Action", models.PROTECT, related_name="+")
    verb = models.CharField(max_length=10, choices=Verb)
    reason = models.TextField()
    said = models.JSONField(default=dict)
    as_of = models.DateField(null=True)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        """A decision has a reason; read by action, the latest first."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(verb__in=Verb.values), name="decision_is_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="decision_has_a_reason"),
        ]
        indexes: ClassVar = [models.Index(fields=["action", "-id"], name="decided_of_action")]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class Stage(models.TextChoices):
    """How far the reading of a file has come."""

    ASKED = "asked", _("Waiting")
    DONE = "done", _("Computed")
    FAILED = "failed", _("Refused")


class Outside(models.Model):
    """A finished experiment that was made elsewhere: sums of its arms, and none of its rows."""

    name = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    path = models.TextField(blank=True)
    asked = models.JSONField(default=dict)
    found = models.JSONField(default=dict)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.ASKED)
    error = models.TextField(blank=True)
    brought_at = models.DateTimeField(default=timezone.now)
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        """It has a name."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="outside_stage"),
            models.CheckConstraint(condition=~Q(name=""), name="outside_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"outside experiment {self.pk}"
