"""Where contacts come from: hooks that other programs call, mailboxes, and what was left over."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Scheme(models.TextChoices):
    """How a program signs."""

    STANDARD = "standard", _("Standard Webhooks")
    HMAC = "hmac", _("HMAC-SHA256 of the body, in a header")


class Hook(models.Model):
    """An address that a program calls; its secret is kept encrypted.

    `mapping` says for each part of a contact where it is in what the program sends.
    """

    name = models.CharField(max_length=100, unique=True)
    scheme = models.CharField(max_length=10, choices=Scheme)
    token = models.CharField(max_length=43, unique=True)
    hidden_secret = models.TextField()
    signature_header = models.CharField(max_length=100, blank=True)
    timestamp_header = models.CharField(max_length=100, blank=True)
    items = models.CharField(max_length=200, blank=True)
    mapping = models.JSONField(default=dict)
    is_on = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
    taken = models.PositiveBigIntegerField(default=0)
    unsigned = models.PositiveBigIntegerField(default=0)
    unsigned_at = models.DateTimeField(null=True)

    class Meta:
        """A signature is somewhere."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(scheme="standard") | (Q(scheme="hmac") & ~Q(signature_header="")),
                name="hook_signature_is_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"hook {self.pk}: {self.name}"


class Refusal(models.Model):
    """A part of what a program sent that is no contact: why, and as it came; it can be retried."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="refusals")
    at = models.DateTimeField()
    code = models.CharField(max_length=30)
    field = models.CharField(max_length=50, blank=True)
    body = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        """What is sent again and refused again is there once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hook", "digest"], name="refused_once_a_hook")
        ]
        indexes: ClassVar = [models.Index(fields=["hook", "-at"], name="refusals_latest")]

    def __str__(self) -> str:
        return f"{self.code} {self.field}".strip()


class Security(models.TextChoices):
    """How a mailbox is reached."""

    TLS = "tls", _("encrypted from the start (993)")
    STARTTLS = "starttls", _("encrypted after a greeting (143)")
    PLAIN = "plain", _("not encrypted; within your own network only")


class Use(models.TextChoices):
    """What comes into a mailbox."""

    CONTACTS = "contacts", _("Mails from and to customers")
    RETURNS = "returns", _("Only what comes back: undeliverable mail, complaints")


class Mailbox(models.Model):
    """A mailbox that is read and never changed; up to which mail it was read is remembered."""

    name = models.CharField(max_length=100, unique=True)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    security = models.CharField(max_length=10, choices=Security)
    user = models.CharField(max_length=255)
    hidden_password = models.TextField()
    folder = models.CharField(max_length=255, default="INBOX")
    use = models.CharField(max_length=10, choices=Use, default=Use.CONTACTS)
    addresses = models.JSONField(default=list)
    since_on = models.DateField()
    is_on = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=20, blank=True)
    taken = models.PositiveBigIntegerField(default=0)
    automatic = models.PositiveBigIntegerField(default=0)
    returned = models.PositiveBigIntegerField(default=0)

    class Meta:
        """A port is one."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(port__range=(1, 65535)) & Q(security__in=Security.values),
                name="mailbox_can_be_reached",
            ),
            models.CheckConstraint(condition=Q(use__in=Use.values), name="mailbox_use_is_known"),
        ]

    def __str__(self) -> str:
        return f"mailbox {self.pk}: {self.name}"


class Stranger(models.Model):
    """A mail of somebody who is no customer known: only its place and the address are kept.

    Once the address is a customer's, the mail is read.
    """

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="strangers")
    uid = models.BigIntegerField()
    email = models.CharField(max_length=320)
    at = models.DateTimeField()

    class Meta:
        """A mail is there once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mailbox", "uid"], name="stranger_once")
        ]
        indexes: ClassVar = [models.Index(fields=["mailbox", "-at"], name="strangers_latest")]

    def __str__(self) -> str:
        return f"mail {self.uid}"
