"""Views of the list that people keep, and actions on many customers at once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """Filters, columns and order under a name: for one person, or for everyone."""

    name = models.CharField(_("Name"), max_length=80)
    query = models.TextField(blank=True)
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    shared = models.BooleanField(_("Everyone may use it"), default=False)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """One of a name a person."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "name"], name="one_view_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class Deed(models.TextChoices):
    """What can be done to many customers at once."""

    TAG = "tag", _("Add a tag")
    UNTAG = "untag", _("Take a tag away")
    OWNER = "owner", _("Give an owner")


class BulkAction(models.Model):
    """Something done to every customer of a filter or of a selection."""

    deed = models.CharField(max_length=10, choices=Deed)
    query = models.TextField(blank=True)
    chosen = models.JSONField(null=True)  # ids that were ticked; null: all that the query finds
    tag = models.ForeignKey("profiles.Tag", models.SET_NULL, null=True, related_name="+")
    owner = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    reached = models.TextField(blank=True)  # the last id done: a second run goes on behind it
    done = models.PositiveIntegerField(default=0)
    job = models.BigIntegerField(null=True)

    class Meta:
        """Deeds are known."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(deed__in=Deed.values), name="deed_is_known")
        ]

    def __str__(self) -> str:
        return f"bulk {self.pk} {self.deed}"
