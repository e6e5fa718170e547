"""The register of what customers ask about their own data; the erased are in it as digests only."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What is asked for."""

    ERASURE = "erasure", _("Erasure")
    ANONYMITY = "anonymity", _("Made anonymous: orders are kept under no name")
    CONTACT = "contact", _("Erasure of one contact of a company")
    ACCESS = "access", _("Access: everything that is kept")


class Status(models.TextChoices):
    """How far a request has come."""

    OPEN = "open", _("Open")
    RUNNING = "running", _("Being carried out")
    DONE = "done", _("Carried out")
    REFUSED = "refused", _("Refused")


class Request(models.Model):
    """What somebody asks; `hidden_subject` is her key, encrypted, until she is erased."""

    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    hidden_subject = models.TextField(blank=True)
    received_on = models.DateField()
    due_on = models.DateField()
    identity_check = models.CharField(max_length=300)
    refusal = models.CharField(max_length=500, blank=True)
    report = models.JSONField(default=list)
    recorded_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """A refusal has its reason, an erasure that is done names nobody, ends have a moment."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values) & Q(status__in=Status.values),
                name="privacy_choices_are_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(refusal=""), name="refused_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(kind="access") | ~Q(status="done") | Q(hidden_subject=""),
                name="the_erased_are_not_named",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "running"], finished_at=None)
                | Q(status__in=["done", "refused"], finished_at__isnull=False),
                name="privacy_ends_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("received_on")), name="due_after_received"
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"

    @property
    def erases(self) -> bool:
        """Whether somebody is gone afterwards."""
        return self.kind != Kind.ACCESS

    @property
    def mood(self) -> str:
        """Mood of its badge."""
        moods = {Status.DONE: "good", Status.REFUSED: "unknown"}
        return moods.get(Status(self.status), "info")

    def is_late(self, today: date) -> bool:
        """Whether the answer is overdue."""
        return self.status in {Status.OPEN, Status.RUNNING} and today > self.due_on


class Held(models.TextChoices):
    """What may be kept for a period."""

    EVENTS = "events", _("Events")
    INTERACTIONS = "interactions", _("Interactions: calls, mails, visits")
    RESPONSES = "responses", _("Answers to surveys")
    REJECTS = "rejects", _("Messages that were refused")
    FILES = "files", _("Uploaded files, and rows of them that were left out")
    WEBHOOKS = "webhooks", _("Messages to other programs")
    MESSAGES = "messages", _("Messages to customers: their address and contents, what came back")
    HITS = "hits", _("Opens and clicks of messages to customers")
    ON_SITE = "on_site", _("On the web site: to whom messages were shown, and what they did")
    DECISIONS = "decisions", _("Decisions of the contact gate")
    ENROLMENTS = "enrolments", _("Ways through playbooks and campaigns that have ended")


class Retention(models.Model):
    """For how many months something is kept; what has no row is kept for ever."""

    held = models.CharField(max_length=20, choices=Held, primary_key=True)
    months = models.PositiveSmallIntegerField()
    set_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)
    removed = models.PositiveBigIntegerField(default=0)

    class Meta:
        """A period is a month at least."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(held__in=Held.values, months__gte=1, months__lte=600),
                name="retention_is_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held} {self.months} months"
