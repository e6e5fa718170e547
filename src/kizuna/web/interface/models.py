"""What the programming interface remembers: answers it has given, and how much a key has asked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kizuna.web.accounts.models import ApiKey


class Answer(models.Model):
    """What was answered to a write that names itself, so that it is done once however often sent.

    While `status` is empty it is being done by whoever holds `claim`, until `claimed_until`.
    """

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    claim = models.CharField(max_length=32)
    claimed_until = models.DateTimeField()
    asked_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")

    class Meta:
        """A name stands for one write of one key."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "name"], name="one_answer_a_name")
        ]

    def __str__(self) -> str:
        return f"answer to {self.name}"


class Allowance(models.Model):
    """How often a key has asked in the minute that runs, and when its reading was last recorded."""

    key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True, related_name="+")
    minute = models.BigIntegerField()
    asked = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.asked} in minute {self.minute}"
