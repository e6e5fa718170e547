"""Actions, who was placed in which arm, what was done, and what people decided."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kizuna.experiments.assignment import CONTROL, TREATED
from kizuna.web.capture.consents.models import AppendOnlyError, Kept

LEAST_SHARE, MOST_SHARE = 0.02, 0.05
LEAST_MONTHS, MOST_MONTHS = 6, 12
MOST_HELD_OUT = 0.9


def new_salt() -> str:
    """Draw what parts the chance of one action from that of all others."""
    return secrets.token_hex(16)


class Kind(models.TextChoices):
    """What is done to customers."""

    TASK = "task", _("Task for a person")
    MAIL = "mail", _("E-mail")
    LINE = "line", _("LINE")
    SMS = "sms", _("SMS")
    WEBHOOK = "webhook", _("Call to another program")
    SURVEY = "survey", _("Survey")
    REWARD = "reward", _("Reward")
    CALL = "call", _("Telephone call")
    NOTICE = "notice", _("Notice")
    ON_SITE = "on_site", _("Message on the web site")
    PLAYBOOK = "playbook", _("Playbook")
    CAMPAIGN = "campaign", _("Campaign")


class State(models.TextChoices):
    """Where an action stands."""

    DRAFT = "draft", _("Draft")
    DRY_RUN = "dry_run", _("Dry run")
    LIVE = "live", _("Under way")
    PAUSED = "paused", _("Paused")
    CONCLUDED = "concluded", _("Concluded")


class Unit(models.TextChoices):
    """What chance places as one."""

    CUSTOMER = "customer", _("Each customer by itself")
    ACCOUNT = "account", _("All customers of an account together")


class Rows(Kept):
    """Rows that are added and read; only an erasure, by `_base_manager`, takes some away."""


class AddedOnly(models.Model):
    """A row that is added once and never changed."""

    objects = Rows.as_manager()

    class Meta:
        """Not a table of its own."""

        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Add; never change."""
        if not self._state.adding:
            raise AppendOnlyError
        super().save(**{**kwargs, "force_insert": True})

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError


class Action(models.Model):
    """Something done to customers, and its experiment; amounts in the minor unit of the currency.

    `holdout`, `arms` and `version` are those of the latest `Share`. `arms` parts the treated:
    `[["a", 0.5], ["b", 0.5]]`; empty is one arm.
    """

    name = models.CharField(_("Name"), max_length=200, unique=True)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind)
    owner = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    purpose = models.TextField(_("What it is for"), blank=True)
    is_optional = models.BooleanField(_("Optional"), default=True)
    cost_per_unit = models.FloatField(_("Cost of one"), default=0.0)
    cost_per_minute = models.FloatField(_("Cost of a minute"), default=0.0)
    outcome = models.CharField(max_length=10, default="margin")
    horizon_days = models.PositiveIntegerField(_("Days that count"), default=90)
    holdout = models.FloatField(_("Share held out"), default=0.10)
    unit = models.CharField(_("Chance places"), max_length=10, choices=Unit, default=Unit.CUSTOMER)
    always_on = models.BooleanField(_("Always on"), default=True)
    planned_units = models.PositiveIntegerField(_("Customers planned"), default=0)
    worth = models.FloatField(_("Smallest effect that matters"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    started_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    salt = models.CharField(max_length=40, default=new_salt, editable=False)
    arms = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    edition = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """Shares are shares; what is not optional holds nobody out; what is live has begun."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="action_kind"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="action_state"),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="action_unit"),
            models.CheckConstraint(
                condition=Q(holdout__gte=0, holdout__lte=MOST_HELD_OUT),
                name="action_holdout_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(is_optional=True) | Q(holdout=0), name="service_holds_nobody_out"
            ),
            models.CheckConstraint(
                condition=Q(cost_per_unit__gte=0, cost_per_minute__gte=0),
                name="action_costs_are_costs",
            ),
            models.CheckConstraint(
                condition=Q(horizon_days__range=(1, 3650)), name="action_horizon_is_in_sight"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "dry_run"]) | Q(started_on__isnull=False),
                name="a_live_action_has_begun",
            ),
            models.CheckConstraint(
                condition=Q(state="concluded", ended_on__isnull=False)
                | (~Q(state="concluded") & Q(ended_on__isnull=True)),
                name="a_concluded_action_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="action_ends_after_it_begins",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "-id"], name="actions_by_state")]

    def __str__(self) -> str:
        return f"action {self.pk}: {self.name}"

    @property
    def experiment_id(self) -> str:
        """Its name in the tables."""
        return str(self.pk)


class Share(AddedOnly):
    """A version of the shares; assignments name the one by which they came about."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="shares")
    version = models.PositiveIntegerField()
    holdout = models.FloatField()
    arms = models.JSONField(default=list)
    why = models.TextField(blank=True)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """Each version once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["action", "version"], name="share_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.action} shares {self.version}"


class Assignment(AddedOnly):
    """Where chance put a customer when she became eligible, and how likely that was."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="assignments")
    customer_id = models.TextField()
    unit_id = models.TextField()
    version = models.PositiveIntegerField()
    arm = models.CharField(max_length=60)
    propensity = models.FloatField()
    holdout = models.FloatField()
    eligible_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    predicted = models.FloatField(null=True)

    class Meta:
        """One an action and customer, for ever."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["action", "customer_id"], name="assigned_once"),
            models.CheckConstraint(condition=~Q(customer_id=""), name="assignment_is_somebodys"),
            models.CheckConstraint(
                condition=Q(propensity__gt=0, propensity__lte=1, holdout__gte=0, holdout__lte=1),
                name="assignment_chances_are_shares",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id"], name="assignments_of_customer"),
            models.Index(fields=["action", "-eligible_at"], name="assignments_of_action"),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk}"

    @property
    def is_control(self) -> bool:
        """Whether chance held the customer out."""
        return self.arm == CONTROL


class AccountArm(AddedOnly):
    """The arm of an account as a whole, where an action places accounts."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="+")
    account_id = models.TextField()
    version = models.PositiveIntegerField()
    arm = models.CharField(max_length=60)
    propensity = models.FloatField()
    holdout = models.FloatField()
    placed_at = models.DateTimeField()

    class Meta:
        """One an action and account, for ever."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["action", "account_id"], name="account_placed_once")
        ]

    def __str__(self) -> str:
        return f"arm of an account {self.pk}"


class Deed(models.Model):
    """Something that was done to a customer, and its cost; `key` lets it be recorded once."""

    key = models.CharField(max_length=500, unique=True)
    action = models.ForeignKey(Action, models.PROTECT, related_name="deeds")
    customer_id = models.TextField()
    kind = models.CharField(max_length=10, choices=Kind)
    done_at = models.DateTimeField()
    units = models.FloatField(default=1.0)
    minutes = models.FloatField(default=0.0)
    cost = models.BigIntegerField(default=0)
    discount = models.BigIntegerField(default=0)

    class Meta:
        """Costs are costs."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(units__gte=0, minutes__gte=0, cost__gte=0, discount__gte=0),
                name="deed_costs_are_costs",
            ),
            models.CheckConstraint(condition=~Q(customer_id=""), name="deed_is_somebodys"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "-done_at"], name="deeds_of_customer"),
            models.Index(fields=["action", "-done_at"], name="deeds_of_action"),
        ]

    def __str__(self) -> str:
        return f"deed {self.pk}"


class Decided(AddedOnly):
    """The decision log of an action: what a person did with it, and why."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="log")
    verb = models.CharField(max_length=20)
    why = models.TextField(blank=True)
    said = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """Read by action, the latest first."""

        indexes: ClassVar = [models.Index(fields=["action", "-id"], name="decisions_of_action")]

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"


class Programme(models.Model):
    """The one row that says how many customers nothing optional reaches, and for how long."""

    THE_ONE = 1
    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    is_on = models.BooleanField(_("Leave some customers alone altogether"), default=True)
    share = models.FloatField(_("Share left alone"), default=0.03)
    months = models.PositiveSmallIntegerField(_("Months until others take their turn"), default=12)
    salt = models.CharField(max_length=40, default=new_salt, editable=False)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """At most one row; 2 to 5 %, 6 to 12 months."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="one_programme"),
            models.CheckConstraint(
                condition=Q(share__gte=LEAST_SHARE, share__lte=MOST_SHARE),
                name="global_control_is_small",
            ),
            models.CheckConstraint(
                condition=Q(months__range=(LEAST_MONTHS, MOST_MONTHS)),
                name="global_control_takes_turns",
            ),
        ]

    def __str__(self) -> str:
        return "global control"


class GlobalPlace(AddedOnly):
    """Whether a customer is left alone in a turn, stored when anything was first to be done."""

    turn = models.CharField(max_length=20)
    customer_id = models.TextField()
    unit_id = models.TextField()
    version = models.PositiveIntegerField()
    is_held = models.BooleanField()
    share = models.FloatField()
    placed_at = models.DateTimeField()
    predicted = models.FloatField(null=True)

    class Meta:
        """One a turn and customer, for ever."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["turn", "customer_id"], name="global_place_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["customer_id"], name="global_places_of")]

    def __str__(self) -> str:
        return f"{self.turn} {self.pk}"

    @property
    def arm(self) -> str:
        """The arm of the experiment that all actions together are."""
        return CONTROL if self.is_held else TREATED
