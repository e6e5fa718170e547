"""A campaign, its steps, and how far each customer is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

DAY = 24 * 60


class Phase(models.TextChoices):
    """How far the work for a campaign is; whether it may go on is its action's state."""

    WRITTEN = "written", _("Written")
    GATHERING = "gathering", _("Gathering customers")
    SENDING = "sending", _("Sending")
    DONE = "done", _("Done")


class Campaign(models.Model):
    """Messages to a segment; no segment: to everyone who is known.

    `gathered_to` is the last customer who was placed, in the order of their numbers. `looked` is
    what the last look at the audience found.
    """

    action = models.OneToOneField("actions.Action", models.PROTECT, related_name="campaign")
    segment = models.ForeignKey("segments.Segment", models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField(null=True)
    open_from = models.PositiveSmallIntegerField(default=10 * 60)
    open_until = models.PositiveSmallIntegerField(default=19 * 60)
    stops_on_order = models.BooleanField(default=False)
    priority = models.SmallIntegerField(default=0)
    edition = models.PositiveIntegerField(default=1)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.WRITTEN)
    audience = models.PositiveIntegerField(null=True)
    placed = models.PositiveIntegerField(default=0)
    left_alone = models.PositiveIntegerField(default=0)
    gathered_to = models.TextField(blank=True)
    looked = models.JSONField(default=dict)
    looked_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Hours begin before they end; what has begun has its moment."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(phase__in=Phase.values), name="campaign_phase"),
            models.CheckConstraint(
                condition=Q(open_from__lt=F("open_until"), open_until__lte=DAY),
                name="campaign_hours_begin_before_they_end",
            ),
            models.CheckConstraint(
                condition=Q(phase="written") | Q(begun_at__isnull=False),
                name="a_campaign_that_runs_has_begun",
            ),
            models.CheckConstraint(
                condition=~Q(phase="done") | Q(ended_at__isnull=False),
                name="a_campaign_that_is_done_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(left_alone__lte=F("placed")), name="left_alone_are_among_the_placed"
            ),
        ]

    def __str__(self) -> str:
        return f"campaign {self.pk}"

    @property
    def hours(self) -> tuple[int, int]:
        """Minutes of the recipient's day between which messages go."""
        return self.open_from, self.open_until

    @property
    def said_hours(self) -> str:
        """Those hours as a clock shows them."""
        return "–".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in self.hours)


class Step(models.Model):
    """A message of a campaign; one of an arm is for that arm only, and others for everyone else."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    arm = models.CharField(max_length=60, blank=True)
    wait_hours = models.PositiveIntegerField(default=0)
    template = models.ForeignKey("act_messages.Template", models.PROTECT, related_name="+")

    class Meta:
        """Each number and arm once; the first has nothing to wait for, the others have."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "number", "arm"], name="campaign_step_once"
            ),
            models.CheckConstraint(
                condition=Q(number=1, wait_hours=0) | Q(number__gt=1, wait_hours__gte=1),
                name="a_later_step_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} step {self.number} {self.arm}"

    @property
    def wait_days(self) -> int:
        """Days after the former step."""
        return self.wait_hours // 24


class Enrolled(models.Model):
    """A customer who is treated, the step that is next, and when."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="enrolled")
    customer_id = models.TextField()
    arm = models.CharField(max_length=60)
    step = models.PositiveSmallIntegerField(default=1)
    wake_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=20, blank=True)

    class Meta:
        """Once a campaign; whoever has a next step has its moment, the others an end."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "customer_id"], name="enrolled_once"),
            models.CheckConstraint(
                condition=Q(wake_at__isnull=False, ended="")
                | (Q(wake_at__isnull=True) & ~Q(ended="")),
                name="enrolled_goes_on_or_has_ended",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["wake_at"], condition=Q(wake_at__isnull=False), name="enrolled_next"
            ),
            models.Index(fields=["campaign", "ended"], name="enrolled_of_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.pk}"
