"""What people know of a customer: kept by the customer's id, whatever is published or removed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Profile(models.Model):
    """Owner and parent as people set them; `version` counts changes, so that none is lost."""

    customer_id = models.TextField(primary_key=True)
    owner = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    parent_id = models.TextField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        """Found by owner and by parent; nobody is their own parent."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(parent_id=None) | ~Q(parent_id=F("customer_id")),
                name="nobody_is_their_own_parent",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "customer_id"], name="profile_by_owner"),
            models.Index(fields=["parent_id", "customer_id"], name="profile_by_parent"),
        ]

    def __str__(self) -> str:
        return self.customer_id


class Change(models.Model):
    """One change of a profile, for the timeline and for whoever changed it at the same time."""

    customer_id = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        """One change a version; the latest first."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "version"], name="one_change_a_version")
        ]
        indexes: ClassVar = [models.Index(fields=["customer_id", "-at"], name="changes_latest")]

    def __str__(self) -> str:
        return f"{self.customer_id} #{self.version}"


class ContactRole(models.TextChoices):
    """What a person at the customer is to us."""

    DECIDES = "decides", _("Decision maker")
    CHAMPION = "champion", _("Champion")
    SPONSOR = "sponsor", _("Sponsor")
    USER = "user", _("User")
    BILLING = "billing", _("Billing")


class Contact(models.Model):
    """A person at a customer."""

    customer_id = models.TextField()
    name = models.CharField(_("Name"), max_length=200)
    name_kana = models.CharField(_("Reading of the name"), max_length=200, blank=True)
    role = models.CharField(_("Role"), max_length=10, choices=ContactRole)
    title = models.CharField(_("Job title"), max_length=200, blank=True)
    email = models.EmailField(_("E-mail address"), blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")

    class Meta:
        """Read by customer."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(role__in=ContactRole.values), name="contact_role_is_known"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["customer_id", "name"], name="contact_by_name")]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word that people put on customers; `folded` keeps two ways of writing it from being two."""

    name = models.CharField(_("Tag"), max_length=60)
    folded = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class Tagged(models.Model):
    """A tag on a customer."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")
    customer_id = models.TextField()

    class Meta:
        """Once a customer; found from either side."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tag", "customer_id"], name="one_tag_once")
        ]
        indexes: ClassVar = [models.Index(fields=["customer_id", "tag"], name="tags_of_customer")]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.customer_id}"


class FieldKind(models.TextChoices):
    """What a field of the organisation's own holds."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice")


class Field(models.Model):
    """A field of the organisation's own; one that is archived keeps its values."""

    name = models.CharField(_("Name"), max_length=80)
    folded = models.CharField(max_length=160, unique=True)
    kind = models.CharField(_("Kind"), max_length=10, choices=FieldKind)
    choices = models.JSONField(default=list)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        """Kinds are known."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=FieldKind.values), name="field_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.name


class FieldValue(models.Model):
    """What a field holds for a customer, in the column of its kind."""

    field = models.ForeignKey(Field, models.CASCADE, related_name="+")
    customer_id = models.TextField()
    text = models.CharField(max_length=1000, null=True)
    number = models.FloatField(null=True)
    day_on = models.DateField(null=True)

    class Meta:
        """One value a field and customer, found by the value."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "field"], name="one_value_a_field")
        ]
        indexes: ClassVar = [
            models.Index(fields=["field", "text", "customer_id"], name="field_by_text"),
            models.Index(fields=["field", "number", "customer_id"], name="field_by_number"),
            models.Index(fields=["field", "day_on", "customer_id"], name="field_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.field_id} {self.customer_id}"
