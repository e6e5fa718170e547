"""What the gate goes by, whom it keeps from, and what it decided."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST_CAP = 365
"""Days over which contacts may be counted."""


class Channel(models.TextChoices):
    """The ways on which customers are reached; those of consent, and those of our own."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    PHONE = "phone", _("Telephone")
    LINE = "line", _("LINE")
    POST = "post", _("Post")
    PUSH = "push", _("Push notice of an app")
    ON_SITE = "on_site", _("Message on the web site")
    TASK = "task", _("Task for a person")
    WEBHOOK = "webhook", _("Call to another program")


class Outcome(models.TextChoices):
    """What became of a contact."""

    SENT = "sent", _("Sent")
    HELD = "held", _("Held")
    DROPPED = "dropped", _("Dropped")


class Cause(models.TextChoices):
    """Why somebody is not contacted on a channel."""

    BOUNCE = "bounce", _("The address does not exist")
    COMPLAINT = "complaint", _("The customer complained")
    HAND = "hand", _("Stopped by a person")


class Scope(models.TextChoices):
    """Whose contacts a cap counts."""

    CUSTOMER = "customer", _("Each customer")
    ACCOUNT = "account", _("All customers of an account")


class Rules(models.Model):
    """The one row that says when nobody is contacted; local times of whoever is contacted."""

    THE_ONE = 1
    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    quiet_from = models.TimeField(_("Quiet from"), default=time(21))
    quiet_until = models.TimeField(_("Quiet until"), default=time(8))
    quiet_weekends = models.BooleanField(_("Quiet at weekends"), default=False)
    quiet_holidays = models.BooleanField(_("Quiet on holidays"), default=True)
    quiet_channels = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """At most one row."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="one_gate")]

    def __str__(self) -> str:
        return "contact gate"


class Cap(models.Model):
    """At most so many contacts within so many days; no channel: all of them together."""

    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.CUSTOMER)
    count = models.PositiveIntegerField()
    days = models.PositiveIntegerField()

    class Meta:
        """One a channel and scope; never 0, which would silently stop everything."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "scope"], name="one_cap_a_channel"),
            models.CheckConstraint(
                condition=Q(channel__in=["", *Channel.values]), name="cap_channel_is_known"
            ),
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="cap_scope"),
            models.CheckConstraint(condition=Q(count__gte=1), name="a_cap_lets_one_through"),
            models.CheckConstraint(
                condition=Q(days__range=(1, LONGEST_CAP)), name="a_cap_counts_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} in {self.days} days"


class Suppression(models.Model):
    """A customer who is not contacted, on a channel or on all; lifted, it stays on record."""

    customer_id = models.TextField()
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    cause = models.CharField(max_length=10, choices=Cause)
    detail = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """One a customer, channel and cause at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer_id", "channel", "cause"],
                condition=Q(lifted_at=None),
                name="suppressed_once",
            ),
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="suppression_cause"),
            models.CheckConstraint(condition=~Q(customer_id=""), name="suppression_is_somebodys"),
        ]
        indexes: ClassVar = [models.Index(fields=["-at"], name="suppressions_latest")]

    def __str__(self) -> str:
        return f"suppression {self.pk}"


class Recipient(models.Model):
    """Somebody who may be contacted: where she lives, and the row that decisions wait for."""

    customer_id = models.TextField(primary_key=True)
    zone = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"recipient {self.pk}"


class Entry(models.Model):
    """A decision; the same one again on the same contact counts up `times` and moves `at`."""

    key = models.CharField(max_length=500)
    customer_id = models.TextField()
    account_id = models.TextField(blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    action = models.ForeignKey("actions.Action", models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=60, blank=True)
    topic = models.CharField(max_length=60, blank=True)
    priority = models.IntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.CharField(max_length=30)
    until = models.DateTimeField(null=True)
    is_counted = models.BooleanField(default=False)
    is_open = models.BooleanField(default=False)
    first_at = models.DateTimeField()
    at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        """A contact is let through once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(outcome="sent"), name="let_through_once"
            ),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="gate_outcome"),
            models.CheckConstraint(
                condition=Q(is_open=False) | Q(outcome="held"), name="only_what_is_held_is_open"
            ),
            models.CheckConstraint(
                condition=Q(is_counted=False) | Q(outcome="sent"), name="only_what_is_sent_counts"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["key", "-id"], name="gate_by_key"),
            models.Index(fields=["customer_id", "-at"], name="gate_by_customer"),
            models.Index(fields=["account_id", "-at"], name="gate_by_account"),
            models.Index(fields=["-at"], name="gate_latest"),
            models.Index(fields=["outcome", "-at"], name="gate_by_outcome"),
            models.Index(fields=["action", "-at"], name="gate_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.pk}"
