"""Playbooks, the versions that customers go through, who is on the way, and what was done."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy


class Playbook(models.Model):
    """What a manager builds: `draft` is what is being written, `live` what customers enter.

    `edits` counts changes of the draft, so that two people do not write over each other.
    """

    action = models.OneToOneField("actions.Action", models.PROTECT, related_name="playbook")
    draft = models.JSONField(default=dict)
    edits = models.PositiveIntegerField(default=1)
    live = models.ForeignKey("playbooks.Version", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"playbook {self.pk}"


class Version(models.Model):
    """A playbook as it went live; customers who entered by it finish by it. It never changes."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    said = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """Each number once a playbook."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["playbook", "number"], name="playbook_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.playbook} version {self.number}"


class State(models.TextChoices):
    """Where an enrolment stands; only `going` and `stuck` may go on."""

    GOING = "going", pgettext_lazy("enrolment", "On the way")
    STUCK = "stuck", pgettext_lazy("enrolment", "Stuck")
    DONE = "done", pgettext_lazy("enrolment", "Went through")
    EXITED = "exited", pgettext_lazy("enrolment", "Left by the exit condition")
    STOPPED = "stopped", pgettext_lazy("enrolment", "Taken out by a person")
    MERGED = "merged", pgettext_lazy("enrolment", "Merged into another customer")
    HELD_OUT = "held_out", pgettext_lazy("enrolment", "Held out for comparison")


OPEN = (State.GOING, State.STUCK)


class Enrolment(models.Model):
    """A customer in a playbook. `step` is where she stands, empty before the first.

    `number` counts the times that she entered; `turn` the times that a step sent her back.
    """

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="enrolments")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    customer_id = models.TextField()
    number = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.GOING)
    step = models.CharField(max_length=80, blank=True)
    turn = models.PositiveSmallIntegerField(default=0)
    wake_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        """On the way once a playbook; what is on the way has a moment, what ended has its end."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["playbook", "customer_id", "number"], name="enrolled_once_a_time"
            ),
            models.UniqueConstraint(
                fields=["playbook", "customer_id"],
                condition=Q(state__in=OPEN),
                name="on_the_way_once",
            ),
            models.CheckConstraint(
                condition=Q(state="going", wake_at__isnull=False, ended_at__isnull=True)
                | Q(state="stuck", wake_at__isnull=True, ended_at__isnull=True)
                | Q(
                    state__in=["done", "exited", "stopped", "merged", "held_out"],
                    wake_at__isnull=True,
                    ended_at__isnull=False,
                ),
                name="an_enrolment_wakes_or_has_ended",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["wake_at", "id"], condition=Q(state="going"), name="enrolments_to_wake"
            ),
            models.Index(fields=["version", "state", "step"], name="enrolments_by_step"),
            models.Index(fields=["customer_id", "-entered_at"], name="enrolments_of_customer"),
        ]

    def __str__(self) -> str:
        return f"enrolment {self.pk}"


class Effect(models.Model):
    """A step that was done. The key is what makes it happen once, whoever comes to do it again."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="effects")
    step = models.CharField(max_length=80)
    turn = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()
    said = models.CharField(max_length=300, blank=True)

    class Meta:
        """Once an enrolment, step and turn."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["enrolment", "step", "turn"], name="each_step_takes_effect_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.step} of enrolment {self.enrolment_id}"


class Passed(models.Model):
    """How many customers came to a step of a version, and how often it could not be done."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="passed")
    step = models.CharField(max_length=80)
    came = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveBigIntegerField(default=0)

    class Meta:
        """One row a step."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "step"], name="one_count_a_step")
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.step}"


class Went(models.Model):
    """How many ended how, of those whom a playbook let go of after the period."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="went")
    state = models.CharField(max_length=10, choices=State)
    many = models.PositiveBigIntegerField(default=0)

    class Meta:
        """One row a way to end."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["playbook", "state"], name="one_count_an_end")
        ]

    def __str__(self) -> str:
        return f"{self.playbook_id} {self.state}"


class Evaluation(models.Model):
    """What the trigger found after a publication: how many began, and what became of them."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="evaluations")
    publication = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    began = models.PositiveIntegerField(default=0)
    entered = models.PositiveIntegerField(default=0)
    held_out = models.PositiveIntegerField(default=0)
    is_storm = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        """Once a publication."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["playbook", "publication"], name="trigger_evaluated_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.playbook_id} after {self.publication}"


class Rehearsal(models.Model):
    """A playbook tried on the past, and what it would have done."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="rehearsals")
    said = models.JSONField()
    edits = models.PositiveIntegerField()
    weeks = models.PositiveIntegerField(default=26)
    asked_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    found = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        """The latest of a playbook first."""

        indexes: ClassVar = [
            models.Index(fields=["playbook", "-asked_at"], name="rehearsals_latest")
        ]

    def __str__(self) -> str:
        return f"rehearsal of playbook {self.playbook_id}"


class Intake(models.Model):
    """Customers whom somebody has enter at once: looked at first, and then put in part by part.

    Who is meant is said by `chosen`, `segment` or `query`, a question to the list of customers.
    `found` is what the look found; `reached` is the last id that was put in: a second run goes on
    behind it.
    """

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="intakes")
    by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    segment = models.ForeignKey("segments.Segment", models.SET_NULL, null=True, related_name="+")
    query = models.TextField(blank=True)
    chosen = models.JSONField(null=True)
    label = models.CharField(max_length=200, blank=True)
    found = models.JSONField(default=dict)
    looked_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reached = models.TextField(blank=True)
    going = models.PositiveIntegerField(default=0)
    held_out = models.PositiveIntegerField(default=0)
    not_again = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    job = models.BigIntegerField(null=True)

    class Meta:
        """What has ended has begun."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(begun_at__isnull=False),
                name="an_intake_begins_before_it_ends",
            )
        ]

    def __str__(self) -> str:
        return f"intake {self.pk} of {self.playbook_id}"


class Heard(models.Model):
    """Something of now came in of a customer that no playbook has looked at yet.

    `event` is its name; empty where her facts alone may have turned.
    """

    customer_id = models.TextField()
    event = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        """Once a customer and event."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "event"], name="heard_once")
        ]

    def __str__(self) -> str:
        return f"heard {self.pk}"
