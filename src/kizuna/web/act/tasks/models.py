"""What is to be done for whom, by whom; who stands in while somebody is away; time for it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST_MINUTES = 24 * 60
USUAL_MINUTES = 30
USUAL_DAY = 240
"""Minutes a day for tasks, where a person said nothing else."""


class State(models.TextChoices):
    """Where a task stands. Held: chance keeps it from the customer, so nobody is to do it."""

    OPEN = "open", _("To do")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Not done")
    HELD = "held", _("Held out")


class Source(models.TextChoices):
    """What opened a task."""

    HAND = "hand", _("A person")
    ALERT = "alert", _("An alert")
    PLAYBOOK = "playbook", _("A playbook")
    RENEWAL = "renewal", _("A renewal")


class Outcome(models.TextChoices):
    """What came of it."""

    HELPED = "helped", _("It helped")
    SPOKE = "spoke", _("We spoke; nothing changed")
    NO_ANSWER = "no_answer", _("Nobody could be reached")
    DECLINED = "declined", _("The customer did not want it")
    NOT_NEEDED = "not_needed", _("It was no longer needed")

    @property
    def is_dropped(self) -> bool:
        """Whether the customer got nothing of it."""
        return self == Outcome.NOT_NEEDED


class Task(models.Model):
    """Something that a person does for a customer; `key` opens it once, `version` counts changes.

    `minutes` and `cost` are what it took; cost in minor units of the currency in use then.
    """

    key = models.CharField(max_length=200, unique=True)
    customer_id = models.TextField()
    title = models.CharField(_("What is to be done"), max_length=200)
    body = models.TextField(_("Why, and how"), blank=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.HAND)
    play = models.CharField(max_length=120, blank=True)
    action = models.ForeignKey(
        "actions.Action", models.PROTECT, null=True, blank=True, related_name="+"
    )
    alert = models.ForeignKey(
        "alerts.Alert", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_optional = models.BooleanField(default=True)
    owner = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    cover = models.ForeignKey(
        "accounts.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    planned_minutes = models.PositiveIntegerField(default=USUAL_MINUTES)
    due_on = models.DateField()
    snoozed_until_on = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    held_why = models.CharField(max_length=20, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    minutes = models.PositiveIntegerField(null=True)
    cost = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        """What has ended has its moment and, done, its outcome and minutes."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="task_state_is_known"),
            models.CheckConstraint(condition=~Q(title=""), name="a_task_says_what"),
            models.CheckConstraint(
                condition=Q(state="held") & ~Q(held_why="") | ~Q(state="held") & Q(held_why=""),
                name="a_held_task_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "held"], ended_at=None, minutes=None, outcome="")
                | Q(state="dropped", ended_at__isnull=False)
                | Q(state="done", ended_at__isnull=False, minutes__isnull=False) & ~Q(outcome=""),
                name="a_task_ends_whole",
            ),
            models.CheckConstraint(
                condition=Q(planned_minutes__range=(1, LONGEST_MINUTES)),
                name="a_task_takes_minutes",
            ),
            models.CheckConstraint(
                condition=Q(cover=None) | Q(owner__isnull=False) & ~Q(cover=F("owner")),
                name="cover_is_somebody_else",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "state", "due_on"], name="tasks_of_owner"),
            models.Index(fields=["state", "due_on"], name="tasks_due"),
            models.Index(fields=["state", "-ended_at"], name="tasks_ended"),
            models.Index(fields=["customer_id", "state", "due_on"], name="tasks_of_customer"),
        ]

    def __str__(self) -> str:
        return f"task {self.pk} for {self.customer_id}"


class Comment(models.Model):
    """A note on the customer that was written at a task."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="comments")
    note = models.OneToOneField("notes.Note", models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"comment on task {self.task_id}"


class Absence(models.Model):
    """Days on which a person is away, first and last included, and who stands in."""

    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    cover = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    from_on = models.DateField(_("First day away"))
    until_on = models.DateField(_("Last day away"))
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Nobody stands in for herself."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="an_absence_ends_after_it_began"
            ),
            models.CheckConstraint(condition=~Q(cover=F("person")), name="somebody_else_stands_in"),
        ]
        indexes: ClassVar = [models.Index(fields=["until_on"], name="absences_by_end")]

    def __str__(self) -> str:
        return f"{self.person_id} away {self.from_on} to {self.until_on}"


class WorkingTime(models.Model):
    """How many minutes a business day a person has for tasks."""

    person = models.OneToOneField(
        "accounts.Person", models.CASCADE, primary_key=True, related_name="+"
    )
    minutes_a_day = models.PositiveIntegerField(default=USUAL_DAY)

    class Meta:
        """At most all of a day."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(minutes_a_day__lte=LONGEST_MINUTES), name="a_day_has_its_minutes"
            )
        ]

    def __str__(self) -> str:
        return f"{self.minutes_a_day} minutes of {self.person_id}"
