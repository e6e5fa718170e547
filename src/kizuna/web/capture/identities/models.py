"""Keys and whose they are; merges, which can be undone; duplicates that people look at."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Switch(models.Model):
    """Whether a rule is followed; one that nobody switched is."""

    rule = models.CharField(max_length=20, primary_key=True)
    is_on = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.rule} {'on' if self.is_on else 'off'}"


class Merge(models.Model):
    """Two customers were found to be one by a person; undone, they are two again."""

    survivor_id = models.TextField()
    loser_id = models.TextField()
    reason = models.CharField(max_length=300, blank=True)
    merged_at = models.DateTimeField(default=timezone.now)
    merged_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """Nobody is merged with themselves, or into two at once."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(survivor_id=F("loser_id")), name="merged_with_another"
            ),
            models.UniqueConstraint(
                fields=["loser_id"], condition=Q(undone_at=None), name="merged_into_one"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-merged_at"], name="merges_latest")]

    def __str__(self) -> str:
        return f"{self.loser_id} → {self.survivor_id}"


class Link(models.Model):
    """A key that is not a customer of its own: where it was put, and whose it is in the end.

    `into_id` is the key that it was put into and `customer_id` the end of that chain, so that a
    link in the middle can be taken out again.
    """

    raw_customer_id = models.TextField(primary_key=True)
    into_id = models.TextField(db_index=True)
    customer_id = models.TextField()
    rule = models.CharField(max_length=20)
    merge = models.OneToOneField(Merge, models.PROTECT, null=True, related_name="link")
    linked_at = models.DateTimeField(default=timezone.now)
    contested_at = models.DateTimeField(null=True)

    class Meta:
        """Found by customer; no key is put into itself."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(raw_customer_id=F("into_id")) & ~Q(raw_customer_id=F("customer_id")),
                name="linked_with_another",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "raw_customer_id"], name="links_of_customer")
        ]

    def __str__(self) -> str:
        return f"{self.raw_customer_id} → {self.customer_id}"


class Membership(models.Model):
    """A person belongs to an account, as a program said."""

    person_id = models.TextField()
    account_id = models.TextField(db_index=True)
    first_seen_at = models.DateTimeField()

    class Meta:
        """Once a person and account."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person_id", "account_id"], name="member_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} ∈ {self.account_id}"


class IdentifierKind(models.TextChoices):
    """What an identifier is."""

    EMAIL = "email", _("E-mail address")
    PHONE = "phone", _("Phone")


class Identifier(models.Model):
    """A value by which a customer is known, under the key that it came with."""

    raw_customer_id = models.TextField()
    kind = models.CharField(max_length=10, choices=IdentifierKind)
    value = models.CharField(max_length=320)
    first_seen_at = models.DateTimeField()

    class Meta:
        """Once a key; found by value."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["raw_customer_id", "kind", "value"], name="identifier_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=IdentifierKind.values), name="identifier_kind_is_known"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "value"], name="identifier_by_value")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class State(models.TextChoices):
    """What people made of two customers who may be one."""

    OPEN = "open", _("To be decided")
    MERGED = "merged", _("Merged")
    APART = "apart", _("Not the same")


class Suspicion(models.Model):
    """Two customers who may be one, by which rules, and what was decided."""

    first_id = models.TextField()
    second_id = models.TextField()
    rules = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        """Once a pair, which is kept in order."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first_id", "second_id"], name="suspected_once"),
            models.CheckConstraint(
                condition=~Q(first_id=F("second_id")), name="suspected_of_another"
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="suspicion_state_is_known"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "-found_at"], name="suspicions_open")]

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}?"
