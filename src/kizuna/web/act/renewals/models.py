"""Contracts that come due, the ladder before the deadline, and what is said of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.consents.models import AddedOnly

MOST_DAYS = 260


class State(models.TextChoices):
    """What became of a renewal."""

    OPEN = "open", _("Comes due")
    RENEWED = "renewed", _("Renewed")
    REPLACED = "replaced", _("Replaced by another contract")
    LOST = "lost", _("Not renewed")
    GONE = "gone", _("Ended or changed before it was due")


KEPT = (State.RENEWED, State.REPLACED)


class Source(models.TextChoices):
    """Where the data's likelihood comes from."""

    NOTICE = "notice", _("notice was given")
    MODEL = "model", _("probability of leaving")
    RATE = "rate", _("share of terms that went on lately")
    NONE = "", _("no data")


class Ladder(models.Model):
    """A ladder: optional help is an experiment, duties are not; when people must speak.

    The first ladder by `position` whose conditions a contract meets is its own; the one with the
    number 1 has none, and is for all others. `products`: patterns, one a line, * is anything.
    """

    THE_ONE = 1
    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    action = models.OneToOneField("actions.Action", models.PROTECT, related_name="+")
    duty = models.OneToOneField("actions.Action", models.PROTECT, related_name="+")
    checkpoints = models.JSONField(default=list)
    difference = models.FloatField(default=0.3)
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=120, blank=True)
    products = models.TextField(blank=True)
    segment = models.ForeignKey("segments.Segment", models.PROTECT, null=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=1)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """One is for all contracts that no other is for; a difference is one of shares."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(id=1, products="", segment=None, ended_at=None)
                | (~Q(id=1) & ~Q(name="") & (~Q(products="") | Q(segment__isnull=False))),
                name="one_ladder_is_for_all_others",
            ),
            models.CheckConstraint(
                condition=Q(difference__gt=0, difference__lte=1), name="difference_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return "renewal ladder" if self.pk == self.THE_ONE else f"renewal ladder {self.pk}"


class Rung(models.Model):
    """A step of the ladder: a task, a message, or both, so many business days before the deadline.

    A rung that is taken off keeps its row, for steps that were taken name it.
    """

    ladder = models.ForeignKey(Ladder, models.PROTECT, default=Ladder.THE_ONE, related_name="rungs")
    days_before = models.PositiveIntegerField(_("Business days before the deadline"))
    title = models.CharField(_("What is to be done"), max_length=200)
    body = models.TextField(_("Why, and how"), blank=True)
    is_duty = models.BooleanField(_("Law or contract asks for it"), default=False)
    planned_minutes = models.PositiveIntegerField(_("Minutes it will take"), default=30)
    opens_task = models.BooleanField(_("A person does it"), default=True)
    template = models.ForeignKey(
        "act_messages.Template", models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_off_at = models.DateTimeField(null=True)

    class Meta:
        """Within a year; from the earliest to the last."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(title=""), name="a_rung_says_what"),
            models.CheckConstraint(
                condition=Q(opens_task=True) | Q(template__isnull=False),
                name="a_rung_does_something",
            ),
            models.CheckConstraint(
                condition=Q(days_before__lte=MOST_DAYS), name="a_rung_is_within_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"rung {self.pk}: {self.days_before} days before"


class LossReason(models.Model):
    """Why contracts are lost; one that is no longer offered keeps what it was said of."""

    name = models.CharField(_("Reason"), max_length=120, unique=True)
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Renewal(models.Model):
    """A term of a contract that comes to its end; money in minor units of its currency a month.

    `decide_by` is the last day on which notice counts, or else the last day of the term.
    `likelihood` is the data's word, `said` and `committed` the latest of a person. `ladder` stays
    once a step of it was taken, for chance has its say by ladder.
    """

    contract_id = models.TextField()
    customer_id = models.TextField()
    product = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    mrr = models.BigIntegerField(default=0)
    ends_on = models.DateField()
    decide_by = models.DateField()
    is_notice = models.BooleanField(default=False)
    likelihood = models.FloatField(null=True)
    source = models.CharField(max_length=10, choices=Source, blank=True)
    at_risk = models.FloatField(null=True)
    said = models.FloatField(null=True)
    committed = models.BooleanField(default=False)
    said_on = models.DateField(null=True)
    say_by = models.DateField(null=True)
    seen_on = models.DateField()
    ladder = models.ForeignKey(Ladder, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    reason = models.ForeignKey(LossReason, models.PROTECT, null=True, related_name="+")
    reason_text = models.TextField(blank=True)

    class Meta:
        """One a contract and term."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contract_id", "ends_on"], name="one_renewal_a_term"),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="renewal_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(likelihood=None) | Q(likelihood__range=(0, 1)),
                name="likelihood_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(said=None, said_on=None, committed=False)
                | Q(said__range=(0, 1), said_on__isnull=False),
                name="what_was_said_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None)
                | ~Q(state="open") & Q(settled_at__isnull=False),
                name="an_outcome_has_its_moment",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "decide_by", "id"], name="renewals_due"),
            models.Index(fields=["state", "-at_risk", "id"], name="renewals_at_risk"),
            models.Index(fields=["state", "say_by"], name="renewals_to_say"),
            models.Index(fields=["customer_id", "-decide_by"], name="renewals_of_customer"),
        ]

    def __str__(self) -> str:
        return f"renewal {self.pk}: {self.contract_id} {self.ends_on}"


class Judgement(AddedOnly):
    """What a person said of a renewal at a moment, and what the data said then; never changed."""

    renewal = models.ForeignKey(Renewal, models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    likelihood = models.FloatField()
    committed = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    model = models.FloatField(null=True)
    source = models.CharField(max_length=10, choices=Source, blank=True)

    class Meta:
        """Shares; the latest first."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(likelihood__range=(0, 1)), name="judgement_is_a_share"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["renewal", "-at"], name="judgements_latest")]

    def __str__(self) -> str:
        return f"judgement {self.pk}"


class Step(models.Model):
    """A rung that a renewal has come to: what it opened and queued, if it was not too late."""

    renewal = models.ForeignKey(Renewal, models.CASCADE, related_name="steps")
    rung = models.ForeignKey(Rung, models.PROTECT, related_name="+")
    task = models.ForeignKey("tasks.Task", models.SET_NULL, null=True, related_name="+")
    message = models.ForeignKey(
        "act_messages.OutboxMessage", models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()
    was_skipped = models.BooleanField(default=False)

    class Meta:
        """Once a renewal and rung."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["renewal", "rung"], name="one_step_a_rung")
        ]

    def __str__(self) -> str:
        return f"step {self.pk}"


class Why(models.TextChoices):
    """What is put before the managers."""

    DISAGREEMENT = "disagree", _("The person and the data disagree")
    SILENCE = "silence", _("Nobody said how likely it is")


class Escalation(models.Model):
    """Something about a renewal that managers are to look at; one of a kind is open at a time."""

    renewal = models.ForeignKey(Renewal, models.CASCADE, related_name="escalations")
    why = models.CharField(max_length=10, choices=Why)
    said = models.FloatField(null=True)
    model = models.FloatField(null=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)

    class Meta:
        """One open a renewal and kind."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["renewal", "why"], condition=Q(ended_at=None), name="one_open_escalation"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["ended_at", "opened_at"], name="escalations")]

    def __str__(self) -> str:
        return f"{self.why} of renewal {self.renewal_id}"


class Feed(models.Model):
    """A calendar of somebody's renewals, read by whoever holds its address; revoked for good."""

    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    of_team = models.BooleanField(default=False)
    nonce = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """Those in use are found by the person."""

        indexes: ClassVar = [models.Index(fields=["person", "revoked_at"], name="feeds_of")]

    def __str__(self) -> str:
        return f"calendar {self.pk} of {self.person_id}"
