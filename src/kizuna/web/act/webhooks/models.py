"""Who is told, what there was to tell, and each attempt to tell it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting", _("To be sent")
    DELIVERED = "delivered", _("Delivered")
    DEAD = "dead", _("Given up")


class Stopped(models.TextChoices):
    """Why nothing is sent to an endpoint."""

    BY_A_PERSON = "person", _("switched off by a person")
    GONE = "gone", _("switched off: it answered that it is gone (410)")


class Endpoint(models.Model):
    """A program that is told; its secret is kept encrypted, the former one while it still counts.

    `quiet_until` spares a place that does not answer: while it lasts nothing is tried there;
    `silences` counts the calls without an answer since the last one that had one.
    """

    name = models.CharField(max_length=100, unique=True)
    url = models.CharField(max_length=2000)
    topics = models.JSONField(default=list)
    hidden_secret = models.TextField()
    hidden_former = models.TextField(blank=True)
    former_until = models.DateTimeField(null=True)
    stopped = models.CharField(max_length=10, choices=Stopped, blank=True)
    quiet_until = models.DateTimeField(null=True)
    silences = models.PositiveSmallIntegerField(default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        """A former secret counts until a moment."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(stopped__in=["", *Stopped.values]), name="endpoint_stop_is_known"
            ),
            models.CheckConstraint(
                condition=Q(hidden_former="", former_until__isnull=True)
                | (~Q(hidden_former="") & Q(former_until__isnull=False)),
                name="former_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"endpoint {self.pk}: {self.name}"


class Message(models.Model):
    """Something that happened, as it is sent, to the letter; `key` lets it happen once."""

    id = models.CharField(primary_key=True, max_length=40)
    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    body = models.TextField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.topic} {self.id}"


class Delivery(models.Model):
    """A message on its way to one endpoint; `next_at` is also the lease of whoever sends it now."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """One an endpoint and message; what waits has a next moment, what ended has its end."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["endpoint", "message"], name="one_delivery_an_endpoint_and_message"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_at__isnull=False, ended_at__isnull=True)
                | Q(state__in=["delivered", "dead"], next_at__isnull=True, ended_at__isnull=False),
                name="a_delivery_waits_or_has_ended",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "next_at"], name="delivery_next"),
            models.Index(fields=["endpoint", "state", "-id"], name="delivery_log"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} to endpoint {self.endpoint_id}"


class Attempt(models.Model):
    """One try: what was answered, or why nothing was."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    problem = models.CharField(max_length=20, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        """An answer or a problem."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__isnull=False, problem="")
                | (Q(status__isnull=True) & ~Q(problem="")),
                name="attempt_was_answered_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}: {self.status or self.problem}"
