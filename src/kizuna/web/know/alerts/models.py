"""Rules that watch customers, and what they raised: alerts, their reasons, and who is told how."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    """How much it matters, from least to most; the words are those of the badges."""

    GOOD = "good", _("Opportunity")
    INFO = "info", _("Worth knowing")
    CAUTION = "caution", _("Needs attention")
    SERIOUS = "serious", _("Urgent")

    @property
    def rank(self) -> int:
        """0 for an opportunity up to 3 for what is urgent."""
        return list(Severity).index(self)


class Cause(models.TextChoices):
    """What an alert is about: of one customer and cause there is one open alert."""

    USE = "use", _("Use of the product")
    SERVICE = "service", _("Service")
    RELATION = "relation", _("Relationship")
    MONEY = "money", _("Payments and revenue")
    RENEWAL = "renewal", _("Renewal")
    SENTIMENT = "sentiment", _("What the customer says")
    CHURN = "churn", _("Risk of leaving")
    BUYING = "buying", _("Buying")
    GROWTH = "growth", _("Growth")


class Kind(models.TextChoices):
    """How a rule tells a customer."""

    ABOVE = "above", _("A fact reaches a value")
    BELOW = "below", _("A fact falls to a value")
    RISES = "rises", _("A fact rises against its past")
    FALLS = "falls", _("A fact falls against its past")
    RULE = "rule", _("A rule over several facts begins to hold")
    RULE_ENDS = "rule_ends", _("A rule over several facts ceases to hold")
    ENTERS = "enters", _("A customer enters a segment")
    LEAVES = "leaves", _("A customer leaves a segment")


TRENDS = (Kind.RISES, Kind.FALLS)
OVER_FACTS = (Kind.RULE, Kind.RULE_ENDS)
OF_SEGMENTS = (Kind.ENTERS, Kind.LEAVES)


class To(models.TextChoices):
    """Whom an alert goes to."""

    OWNER = "owner", _("The owner of the customer")
    PERSON = "person", _("One person")
    MANAGERS = "managers", _("All managers")


class Pace(models.TextChoices):
    """When it is told beyond the inbox."""

    NOW = "now", _("At once")
    DAILY = "daily", _("Once a day, together")


class Way(models.TextChoices):
    """What a channel speaks."""

    SLACK = "slack", _("Slack")
    TEAMS = "teams", _("Microsoft Teams")
    WEBHOOK = "webhook", _("Other webhook (JSON)")


class Channel(models.Model):
    """A room of Slack or Teams, or another address; the address is a secret, and kept as one."""

    name = models.CharField(_("Name"), max_length=100, unique=True)
    way = models.CharField(_("Kind"), max_length=10, choices=Way)
    hidden_url = models.TextField()
    made_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Ways are known."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(way__in=Way.values), name="way_is_known")
        ]

    def __str__(self) -> str:
        return self.name


class AlertRule(models.Model):
    """What is watched, how much it matters, and who is told; `version` counts changes."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    kind = models.CharField(_("What is watched"), max_length=10, choices=Kind)
    fact = models.CharField(_("Fact"), max_length=80, blank=True)
    amount = models.FloatField(_("Value"), null=True, blank=True)
    relative = models.BooleanField(_("The value is a percentage of the past"), default=False)
    days = models.PositiveIntegerField(_("Against how many days before"), default=30)
    condition = models.TextField(_("Rule"), blank=True)
    segment = models.ForeignKey(
        "segments.Segment", models.PROTECT, null=True, blank=True, related_name="+"
    )
    cause = models.CharField(_("About"), max_length=10, choices=Cause)
    severity = models.CharField(_("Severity"), max_length=10, choices=Severity)
    advice = models.TextField(_("What to do"))
    to = models.CharField(_("Goes to"), max_length=10, choices=To, default=To.OWNER)
    person = models.ForeignKey(
        "accounts.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_mail = models.BooleanField(_("Also by mail"), default=False)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, related_name="+")
    pace = models.CharField(_("Told"), max_length=10, choices=Pace, default=Pace.NOW)
    in_hours = models.BooleanField(_("Only in business hours"), default=True)
    quiet_days = models.PositiveIntegerField(_("Quiet days after it began"), default=14)
    escalate_hours = models.PositiveIntegerField(null=True, blank=True)
    escalate_to = models.ForeignKey(
        "accounts.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_on = models.BooleanField(_("Switched on"), default=True)
    muted_until = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """A rule watches a fact by a value, a segment, or has a text of its own."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="watch_is_known"),
            models.CheckConstraint(
                condition=Q(kind__in=OVER_FACTS) & ~Q(condition="")
                | Q(kind__in=OF_SEGMENTS) & Q(segment__isnull=False)
                | ~Q(kind__in=(*OVER_FACTS, *OF_SEGMENTS)) & ~Q(fact="") & Q(amount__isnull=False),
                name="something_is_watched",
            ),
            models.CheckConstraint(
                condition=~Q(to=To.PERSON) | Q(person__isnull=False), name="the_one_is_named"
            ),
            models.CheckConstraint(
                condition=Q(escalate_hours=None, escalate_to=None)
                | Q(escalate_hours__gt=0, escalate_to__isnull=False),
                name="escalation_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """Where an alert stands."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    CLEARED = "cleared", _("Over by itself")


class Alert(models.Model):
    """Something turned at a customer; amounts in minor units (see `kizuna.jobs.stakes`)."""

    customer_id = models.TextField()
    cause = models.CharField(max_length=10, choices=Cause)
    severity = models.CharField(max_length=10, choices=Severity)
    person = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    raised_at = models.DateTimeField()
    last_at = models.DateTimeField()
    value = models.FloatField(null=True)
    at_risk = models.FloatField(null=True)
    stake_of = models.CharField(max_length=10, blank=True)
    stake_on = models.DateField(null=True)
    currency = models.CharField(max_length=3)
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        """One open alert a customer and cause; found by whose it is."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer_id", "cause"],
                condition=Q(state="open"),
                name="one_open_alert_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None) | ~Q(state="open") & ~Q(ended_at=None),
                name="an_end_has_its_moment",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "state", "-last_at"], name="alerts_of_person"),
            models.Index(fields=["state", "-last_at"], name="alerts_latest"),
            models.Index(fields=["customer_id", "-last_at"], name="alerts_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.cause} of {self.customer_id}"


class Reason(models.Model):
    """A rule that began to hold: what changed, as facts before and now."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="reasons")
    rule = models.ForeignKey(AlertRule, models.SET_NULL, null=True, related_name="+")
    customer_id = models.TextField()
    title = models.CharField(max_length=120)
    advice = models.TextField()
    at = models.DateTimeField()
    changes = models.JSONField(default=list)
    is_over = models.BooleanField(default=False)

    class Meta:
        """Found by the rule and the customer."""

        indexes: ClassVar = [models.Index(fields=["rule", "customer_id"], name="reason_of_rule")]

    def __str__(self) -> str:
        return self.title


class Beginning(models.Model):
    """When a rule last began to hold of a customer, told or not: what flaps is told once."""

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="+")
    customer_id = models.TextField()
    at = models.DateTimeField()

    class Meta:
        """Once a rule and customer."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "customer_id"], name="one_beginning_a_rule")
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} of {self.customer_id}"


class Snooze(models.Model):
    """Silence about a cause at a customer, whatever its numbers do, unless it becomes graver."""

    customer_id = models.TextField()
    cause = models.CharField(max_length=10, choices=Cause)
    severity = models.CharField(max_length=10, choices=Severity)
    until_at = models.DateTimeField()
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")

    class Meta:
        """Once a customer and cause."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "cause"], name="one_snooze_a_cause")
        ]

    def __str__(self) -> str:
        return f"{self.cause} of {self.customer_id} until {self.until_at:%Y-%m-%d}"


class Notice(models.Model):
    """What is to be told beyond the inbox: by mail to a person, or in a channel; once each."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="notices")
    person = models.ForeignKey("accounts.Person", models.CASCADE, null=True, related_name="+")
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, related_name="+")
    pace = models.CharField(max_length=10, choices=Pace)
    is_escalation = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        """To a person or into a channel; due ones are found first."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person=None, channel__isnull=False)
                | Q(person__isnull=False, channel=None),
                name="told_to_one",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None), name="notices_due")
        ]

    def __str__(self) -> str:
        return f"notice of {self.alert_id}"


class Evaluation(models.Model):
    """What a rule did after a publication: how many began, how many were told, why not the rest."""

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="+")
    publication = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    began = models.PositiveIntegerField()
    told = models.PositiveIntegerField()
    held = models.JSONField(default=dict)
    is_storm = models.BooleanField(default=False)

    class Meta:
        """Once a publication."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "publication"], name="evaluated_once")
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} after {self.publication}"


class DryRun(models.Model):
    """A rule tried on the past, and what it would have done."""

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    weeks = models.PositiveIntegerField(default=52)
    asked_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    found = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        """The latest of a rule first."""

        indexes: ClassVar = [models.Index(fields=["rule", "-asked_at"], name="dry_runs_latest")]

    def __str__(self) -> str:
        return f"dry run of {self.rule_id}"


class Touched(models.Model):
    """A customer of whom something came in that is not looked at yet."""

    customer_id = models.TextField(primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.customer_id
