"""Segments, the rules that they had, and the rebuilds that found who is in them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """Whether a segment follows its rule, or keeps who was in."""

    LIVE = "live", pgettext_lazy("segment", "Live")
    FIXED = "fixed", pgettext_lazy("segment", "Fixed")


class Segment(models.Model):
    """Customers under a name; what the last rebuild found stands beside, in minor units."""

    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.LIVE)
    rule = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField()

    built_version = models.PositiveIntegerField(default=0)
    built_at = models.DateTimeField(null=True)
    customers = models.PositiveBigIntegerField(null=True)
    value = models.FloatField(null=True)
    at_risk = models.FloatField(null=True)
    entered = models.PositiveBigIntegerField(default=0)
    left = models.PositiveBigIntegerField(default=0)
    problem = models.TextField(blank=True)  # why the last rebuild could not use the rule

    class Meta:
        """A segment has a name; a live one has a rule."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="a_segment_has_a_name"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="segment_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(kind=Kind.LIVE) | ~Q(rule=""), name="a_live_segment_has_a_rule"
            ),
        ]

    def __str__(self) -> str:
        return f"segment {self.pk}"

    @property
    def live(self) -> bool:
        """Whether it follows its rule."""
        return self.kind == Kind.LIVE


class SegmentVersion(models.Model):
    """A rule that a segment had, from when, and who gave it."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    rule = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """Each number once a segment."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "number"], name="one_rule_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.segment} version {self.number}"


class Rebuild(models.Model):
    """One pass over all customers: how long it took, and how many are in no segment."""

    at = models.DateTimeField()
    seconds = models.FloatField()
    customers = models.PositiveBigIntegerField()
    in_none = models.PositiveBigIntegerField()
    segments = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"rebuild at {self.at:%Y-%m-%d %H:%M}"


class StageList(models.Model):
    """A version of the stages, in their order; the newest counts, an empty one is the preset."""

    number = models.PositiveIntegerField(unique=True)
    stages = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """Versions count from 1."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__gte=1), name="stage_lists_count_from_1")
        ]

    def __str__(self) -> str:
        return f"stages version {self.number}"
