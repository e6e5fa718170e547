"""For what customers are written to, the words they were shown, and what they said to it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, ClassVar, NoReturn

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a purpose needs before somebody is written to."""

    TRANSACTIONAL = "transactional", _("Transactional: part of what was ordered, always sent")
    RELATIONSHIP = "relationship", _("Relationship: sent until the customer says no")
    PROMOTIONAL = "promotional", _("Promotional: sent only after the customer has said yes")


class Channel(models.TextChoices):
    """The ways on which customers are reached."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    PHONE = "phone", _("Telephone")
    LINE = "line", _("LINE")
    POST = "post", _("Post")
    PUSH = "push", _("Push notice of an app")


class Status(models.TextChoices):
    """What was said."""

    GRANTED = "granted", _("Granted")
    DENIED = "denied", _("Denied")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Basis(models.TextChoices):
    """What a yes rests on: consent, or an exception that the law on promotional mail makes."""

    CONSENT = "consent", _("Consent")
    RELATIONSHIP = "relationship", _("Existing business relationship")
    CARD = "card", _("Address given in writing (business card)")
    PUBLISHED = "published", _("Address published by a business")


class Source(models.TextChoices):
    """Where a word came from."""

    PREFERENCES = "preferences", _("Preference page")
    ONE_CLICK = "one_click", _("One-click unsubscribe of a mail program")
    UNSUBSCRIBE = "unsubscribe", _("Unsubscribe page")
    OPT_IN = "opt_in", _("Confirmed by a link that was mailed")
    PERSON = "person", _("Recorded by a person")
    PROGRAM = "program", _("Programming interface")
    FILE = "file", _("File")


class Speaking(models.Model):
    """Has a name and an explanation in both languages; one that is missing is the other's."""

    name_en = models.CharField(max_length=200, blank=True)
    name_ja = models.CharField(max_length=200, blank=True)

    class Meta:
        """Not a table of its own."""

        abstract = True

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return in_language(self.name_en, self.name_ja) or str(self.pk)


CODE = RegexValidator(r"\A[a-z0-9][a-z0-9_-]*\Z", _("Lower-case letters, digits, - and _."))


class Purpose(Speaking):
    """For what customers are written to; one that is retired is offered and sent no more."""

    code = models.CharField(max_length=60, unique=True, validators=[CODE])
    kind = models.CharField(max_length=20, choices=Kind)
    channels = models.JSONField(default=list)
    order = models.PositiveSmallIntegerField(default=100)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        """Of a known kind, with a name."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="purpose_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(name_en="") | ~Q(name_ja=""), name="purpose_has_a_name"
            ),
        ]

    def __str__(self) -> str:
        return f"purpose {self.code}"


class Topic(Speaking):
    """Something that a customer may want or not want within a purpose."""

    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="topics")
    code = models.CharField(max_length=60, validators=[CODE])
    retired_at = models.DateTimeField(null=True)

    class Meta:
        """Once a purpose, with a name."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purpose", "code"], name="topic_once_a_purpose"),
            models.CheckConstraint(
                condition=~Q(name_en="") | ~Q(name_ja=""), name="topic_has_a_name"
            ),
        ]

    def __str__(self) -> str:
        return f"topic {self.code}"


class AppendOnlyError(Exception):
    """Raised where something would change what is only added to."""


class Kept(models.QuerySet[Any]):
    """Rows that are added and read; only an erasure, by `_base_manager`, takes some away."""

    def update(self, **_values: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError

    def bulk_update(self, objs: Any, fields: Any, batch_size: Any = None) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError


class AddedOnly(models.Model):
    """A row that is added once and never changed."""

    objects = Kept.as_manager()

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


class Wording(AddedOnly):
    """What customers are shown when they are asked, in both languages; versions follow on."""

    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="wordings")
    version = models.PositiveIntegerField()
    text_en = models.TextField(blank=True)
    text_ja = models.TextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """Each version once a purpose."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purpose", "version"], name="wording_version_once"),
            models.CheckConstraint(condition=~Q(text_en="") | ~Q(text_ja=""), name="wording_says"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} wording {self.version}"

    @property
    def text(self) -> str:
        """The words in the language of the page."""
        return in_language(self.text_en, self.text_ja)


class Consent(AddedOnly):
    """What a customer said, when, to which words, and how that is known.

    Without a topic it is said of the whole purpose; a no may also leave out channel or purpose,
    and is then said of all of them.
    """

    customer_id = models.TextField()
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status)
    basis = models.CharField(max_length=20, choices=Basis, default=Basis.CONSENT)
    decided_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=20, choices=Source)
    wording = models.ForeignKey(Wording, models.PROTECT, null=True, related_name="+")
    proof = models.JSONField(default=dict)
    recorded_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        """A yes is a yes to something; exceptions are no answers; nothing is said in the future."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="consent_status"),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="consent_basis"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="consent_source"),
            models.CheckConstraint(
                condition=Q(channel__in=["", *Channel.values]), name="consent_channel"
            ),
            models.CheckConstraint(
                condition=~Q(status="granted") | (Q(purpose__isnull=False) & ~Q(channel="")),
                name="a_yes_is_to_something",
            ),
            models.CheckConstraint(
                condition=Q(basis="consent") | Q(status="granted"), name="an_exception_is_no_no"
            ),
            models.CheckConstraint(
                condition=Q(topic__isnull=True) | Q(purpose__isnull=False),
                name="a_topic_is_of_a_purpose",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__lte=F("recorded_at")), name="said_before_recorded"
            ),
            models.CheckConstraint(condition=~Q(customer_id=""), name="consent_is_somebodys"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "-decided_at"], name="consents_of_customer")
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"


def new_secret() -> str:
    """Make what nobody can guess."""
    return secrets.token_urlsafe(24)


class OptIn(models.Model):
    """A yes that waits for a click on a link that was mailed."""

    customer_id = models.TextField()
    email = models.CharField(max_length=320)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, related_name="+")
    wording = models.ForeignKey(Wording, models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=2, default="en")
    proof = models.JSONField(default=dict)
    secret = models.CharField(max_length=40, unique=True, default=new_secret)
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        """Found by address, for nobody is flooded with mails."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="opt_in_can_be_confirmed"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["email", "-asked_at"], name="opt_ins_of_address")]

    def __str__(self) -> str:
        return f"opt-in {self.pk}"


class Sender(models.Model):
    """The one row that says who writes: what the law wants in every promotional message."""

    THE_ONE = 1
    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    legal_name = models.CharField(max_length=200, blank=True)
    postal_address = models.CharField(max_length=300, blank=True)
    contact = models.CharField(max_length=300, blank=True)
    site = models.CharField(max_length=300, blank=True)
    mailbox = models.CharField(max_length=254, blank=True)

    class Meta:
        """At most one row."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="one_sender")]

    def __str__(self) -> str:
        return "sender"

    @property
    def missing(self) -> Sequence[str]:
        """Name what the law wants and is not there."""
        wanted = {
            "legal_name": _("name of the sender"),
            "postal_address": _("postal address"),
            "contact": _("where complaints and questions go"),
            "site": _("public address of Kizuna"),
        }
        return [str(label) for name, label in wanted.items() if not getattr(self, name)]


def in_language(english: str, japanese: str) -> str:
    """Choose by the language of the page; where one is missing, the other."""
    first, second = (japanese, english) if get_language() == "ja" else (english, japanese)
    return first or second
