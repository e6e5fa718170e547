"""What people add to what customers said: labels that confirm, and gaps in service to close."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Label(models.Model):
    """Whether a comment is about a theme, as a person has it."""

    customer_id = models.TextField()
    comment_id = models.TextField()
    theme = models.CharField(max_length=60)
    holds = models.BooleanField()
    labelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    labelled_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One word on each comment and theme."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["comment_id", "customer_id", "theme"], name="one_label_each"
            ),
            models.CheckConstraint(
                condition=~Q(theme="") & ~Q(comment_id=""), name="a_label_is_of_something"
            ),
        ]

    def __str__(self) -> str:
        return f"label {self.pk}"


class Gap(models.Model):
    """A gap in service: what customers complain of, who closes it, and since when it is closed."""

    theme = models.CharField(max_length=60)
    about = models.CharField(max_length=200)
    improvement = models.TextField(blank=True, default="")
    improved_on = models.DateField(null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        """A gap says what it is; what went live says what it was."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(about="") & ~Q(theme=""), name="a_gap_has_a_name"),
            models.CheckConstraint(
                condition=Q(improved_on__isnull=True) | ~Q(improvement=""),
                name="an_improvement_that_went_live_is_told",
            ),
        ]

    def __str__(self) -> str:
        return f"gap {self.pk}"

    @property
    def values(self) -> dict[str, object]:
        """What may be changed."""
        names = ("theme", "about", "improvement", "improved_on", "owner_id")
        return {name: getattr(self, name) for name in names}


class ThemeWords(models.Model):
    """A theme of the company's own dictionary: while there is none, the packaged one stands."""

    theme = models.CharField(max_length=60, unique=True)
    label_en = models.CharField(max_length=80)
    label_ja = models.CharField(max_length=80)
    words = models.TextField()
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        """A theme has names and words, and is not that of what is about none."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(theme__in=["", "other"])
                & ~Q(label_en="")
                & ~Q(label_ja="")
                & ~Q(words=""),
                name="a_theme_is_named_and_has_words",
            ),
        ]

    def __str__(self) -> str:
        return f"theme {self.theme}"

    @property
    def values(self) -> dict[str, object]:
        """What may be changed."""
        return {name: getattr(self, name) for name in ("label_en", "label_ja", "words")}
