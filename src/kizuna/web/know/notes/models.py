"""Notes that people write on a customer, and the people whom they mention."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

LONGEST = 20_000


class Note(models.Model):
    """A note; `version` counts changes, so that none is lost."""

    customer_id = models.TextField()
    text = models.TextField()
    author = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        """Never empty; the latest of a customer first."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="a_note_says_something")
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "-written_at"], name="notes_latest")
        ]

    def __str__(self) -> str:
        return f"note {self.pk} on {self.customer_id}"


class Mention(models.Model):
    """Someone is named in a note."""

    note = models.ForeignKey(Note, models.CASCADE, related_name="mentions")
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        """Once a note and person; the latest first."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["note", "person"], name="one_mention_a_note")
        ]
        indexes: ClassVar = [models.Index(fields=["person", "-at"], name="mentions_latest")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.note_id}"
