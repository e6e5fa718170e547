"""Sites that carry the script, and what is set on its tag."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Consent(models.TextChoices):
    """When the script may begin."""

    ASK = "ask", _("only after a visitor has agreed")
    GIVEN = "given", _("at once, unless a visitor has refused or her browser objects")


class Query(models.TextChoices):
    """What is kept of the addresses of pages."""

    UTM = "utm", _("without what follows the question mark, but for utm_…")
    ALL = "all", _("all of it")


class Site(models.Model):
    """A site and its settings; the key is one for browsers, which every visitor may read."""

    name = models.CharField(max_length=100, unique=True)
    key = models.CharField(max_length=200)
    consent = models.CharField(max_length=10, choices=Consent, default=Consent.ASK)
    pages = models.BooleanField(default=True)
    query = models.CharField(max_length=10, choices=Query, default=Query.UTM)
    session_minutes = models.PositiveSmallIntegerField(default=30)
    messages = models.BooleanField(default=False)
    recipient = models.CharField(max_length=200)
    purpose_ja = models.CharField(max_length=500)
    purpose_en = models.CharField(max_length=500)
    contact = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Choices are known; a session ends."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(consent__in=Consent.values) & Q(query__in=Query.values),
                name="site_choices_are_known",
            ),
            models.CheckConstraint(
                condition=Q(session_minutes__range=(1, 1440)), name="site_session_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"site {self.pk}: {self.name}"
