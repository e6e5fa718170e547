"""What is written, to whom it goes, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """The ways on which messages go."""

    EMAIL = "email", _("E-mail")
    LINE = "line", _("LINE")
    SMS = "sms", _("SMS")
    WEBHOOK = "webhook", _("Program of yours (webhook)")


class Missing(models.TextChoices):
    """What happens where nothing is known that a placeholder could say."""

    SKIP = "skip", _("Do not write to this customer")
    FALLBACK = "fallback", _("Every placeholder has words to use instead")
    STOP = "stop", _("Stop the whole sending, and tell")


class State(models.TextChoices):
    """Where a message stands."""

    WAITING = "waiting", _("To be sent")
    HELD = "held", _("Held")
    TAKEN = "taken", _("Being prepared")
    HANDED = "handed", _("Being sent")
    SENT = "sent", _("Sent")
    UNCERTAIN = "uncertain", _("Uncertain")
    DROPPED = "dropped", _("Not sent")
    REFUSED = "refused", _("Refused by the other side")


LINED_UP = (State.WAITING, State.HELD)
UNDER_WAY = (*LINED_UP, State.TAKEN, State.HANDED)
ENDED = tuple(state for state in State if state not in UNDER_WAY)


class Template(models.Model):
    """Something that is written to customers; its words are kept version by version."""

    name = models.CharField(max_length=120, unique=True)
    purpose = models.CharField(max_length=60)
    topic = models.CharField(max_length=60, blank=True)
    missing = models.CharField(max_length=10, choices=Missing, default=Missing.SKIP)
    follows = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        """Has a purpose, for which the customer's consent is asked."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(missing__in=Missing.values), name="template_missing_is_known"
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="template_has_a_purpose"),
        ]

    def __str__(self) -> str:
        return f"template {self.pk}: {self.name}"


class TemplateVersion(models.Model):
    """A template as it was at a time; never changed, for what was sent says which one it was."""

    template = models.ForeignKey(Template, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        """Each number once a template."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.template_id} version {self.number}"


class Text(models.Model):
    """The words of a version for one channel in one language."""

    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="texts")
    channel = models.CharField(max_length=10, choices=Channel)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=400, blank=True)
    body = models.TextField()

    class Meta:
        """Once a version, channel and language; a mail has a subject."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "channel", "language"], name="text_once_a_language"
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="text_channel"),
            models.CheckConstraint(condition=Q(language__in=["ja", "en"]), name="text_language"),
            models.CheckConstraint(
                condition=~Q(channel="email") | ~Q(subject=""), name="a_mail_has_a_subject"
            ),
            models.CheckConstraint(condition=~Q(body=""), name="text_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.channel} {self.language}"


class OutboxMessage(models.Model):
    """A message to one customer; `key` lets it be once.

    `due_at` is when it is sent, and while somebody sends it the end of the lease. `claim` is a
    text of whoever has it: who lost it to another changes nothing. `open_from` and `open_until` are
    minutes of the recipient's day, between which it may go. A lease that runs out before the
    message was handed over gives it back; one that runs out afterwards leaves it uncertain.
    """

    key = models.CharField(max_length=700, unique=True)
    action = models.ForeignKey("actions.Action", models.PROTECT, related_name="+")
    customer_id = models.TextField()
    step = models.CharField(max_length=100)
    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel)
    language = models.CharField(max_length=2, blank=True)
    recipient = models.CharField(max_length=10, blank=True)
    values = models.JSONField(default=dict)
    priority = models.SmallIntegerField(default=0)
    open_from = models.PositiveSmallIntegerField(null=True)
    open_until = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    claim = models.CharField(max_length=32, blank=True)
    handed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=320, blank=True)
    reference = models.CharField(max_length=200, blank=True)

    class Meta:
        """What is under way has a moment; what has ended, its end; what was not sent, a reason."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=UNDER_WAY, due_at__isnull=False, ended_at__isnull=True)
                | Q(state__in=ENDED, due_at__isnull=True, ended_at__isnull=False),
                name="a_message_is_under_way_or_has_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["held", "dropped", "refused"]) | ~Q(reason=""),
                name="not_sent_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["handed", "sent", "uncertain"])
                | Q(handed_at__isnull=False),
                name="what_was_sent_was_handed_over",
            ),
            models.CheckConstraint(
                condition=Q(open_from__isnull=True, open_until__isnull=True)
                | Q(open_from__lt=models.F("open_until"), open_until__lte=24 * 60),
                name="hours_begin_before_they_end",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["taken", "handed"]) | ~Q(claim=""),
                name="somebody_has_what_is_being_sent",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=LINED_UP),
                name="outbox_next",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["taken", "handed"]),
                name="outbox_leases",
            ),
            models.Index(
                fields=["claim"],
                condition=Q(state__in=["taken", "handed"]),
                name="outbox_claims",
            ),
            models.Index(fields=["action", "step", "state", "reason"], name="outbox_numbers"),
            models.Index(fields=["state", "-ended_at"], name="outbox_ended"),
            models.Index(fields=["customer_id", "-asked_at"], name="outbox_of_customer"),
            models.Index(fields=["address", "-handed_at"], name="outbox_by_address"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class HitKind(models.TextChoices):
    """What a program fetched."""

    OPEN = "open", _("Opened")
    CLICK = "click", _("Clicked")


class Verdict(models.TextChoices):
    """Who it was, as far as can be told."""

    HUMAN = "human", _("A human reader")
    MACHINE = "machine", _("A program")


class Hit(models.Model):
    """Each fetch of a link or picture, as it came; `verdict` is what the rules make of it."""

    message = models.ForeignKey(OutboxMessage, models.CASCADE, related_name="hits")
    customer_id = models.TextField()
    kind = models.CharField(max_length=5, choices=HitKind)
    number = models.PositiveSmallIntegerField(default=0)
    target = models.CharField(max_length=2000, blank=True)
    at = models.DateTimeField()
    method = models.CharField(max_length=10)
    agent = models.CharField(max_length=300, blank=True)
    verdict = models.CharField(max_length=7, choices=Verdict)
    why = models.CharField(max_length=20, blank=True)

    class Meta:
        """A program is known by something."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=HitKind.values), name="hit_kind"),
            models.CheckConstraint(
                condition=Q(verdict="human", why="") | (Q(verdict="machine") & ~Q(why="")),
                name="a_program_is_known_by_something",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["message", "at"], name="hits_of_message")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class BounceKind(models.TextChoices):
    """How a message came back."""

    HARD = "hard", _("Bounced for good")
    SOFT = "soft", _("Bounced for now")
    COMPLAINT = "complaint", _("Complained of")


class Bounce(models.Model):
    """A message that came back, or was complained of; `key` lets a report count once."""

    key = models.CharField(max_length=64, unique=True)
    message = models.ForeignKey(OutboxMessage, models.CASCADE, null=True, related_name="bounces")
    customer_id = models.TextField()
    channel = models.CharField(max_length=10, choices=Channel)
    kind = models.CharField(max_length=10, choices=BounceKind)
    status = models.CharField(max_length=20, blank=True)
    said = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        """Found by customer and channel, for several soft ones are a hard one."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=BounceKind.values), name="bounce_kind")
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "channel", "-at"], name="bounces_of_customer")
        ]

    def __str__(self) -> str:
        return f"bounce {self.pk}"


class Leftover(models.TextChoices):
    """Why a mail that came back is left to a person."""

    UNREADABLE = "unreadable", _("It says that something came back, and not clearly what")
    NOT_OURS = "not_ours", _("It is on no message of ours")
    UNSIGNED = "unsigned", _("A complaint without what proves that it is on a message of ours")
    NO_REPORT = "no_report", _("It is no report: somebody wrote to this mailbox")


class Returned(models.Model):
    """A mail in a mailbox for reports that nothing could be made of, until a person has looked.

    `key` lets it be here once, however often the mailbox is read.
    """

    key = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    why = models.CharField(max_length=10, choices=Leftover)
    sender = models.CharField(max_length=320, blank=True)
    address = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=1000, blank=True)
    text = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        """Left for a reason; what waits is found by its age."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(why__in=Leftover.values), name="left_for_a_reason")
        ]
        indexes: ClassVar = [
            models.Index(fields=["-at"], condition=Q(done_at=None), name="returned_waiting"),
        ]

    def __str__(self) -> str:
        return f"returned mail {self.pk}"


class Setup(models.Model):
    """How a channel is reached; what is secret is kept sealed."""

    channel = models.CharField(max_length=10, choices=Channel, unique=True)
    url = models.CharField(max_length=2000, blank=True)
    hidden_secret = models.TextField(blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField()
    paused_until = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True)
    silences = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """One a channel; what is left alone says why."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="setup_channel"),
            models.CheckConstraint(
                condition=Q(paused_until=None) | ~Q(trouble=""), name="left_alone_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"channel {self.channel}"


class Handle(models.Model):
    """Under which name a customer is known on a channel, such as the user id of LINE."""

    customer_id = models.TextField()
    channel = models.CharField(max_length=10, choices=Channel)
    value = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta:
        """One a customer and channel, and nobody else's."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "channel"], name="one_handle_a_channel"),
            models.UniqueConstraint(fields=["channel", "value"], name="a_handle_is_one_customers"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.customer_id}"
