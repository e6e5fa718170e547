"""Touchpoints as people of the company designed them; while there are none, a preset stands in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

DESIGN = ("touchpoint", "place", "label_en", "label_ja", "source", "names", "stages")


class Touchpoint(models.Model):
    """A place where customers and the company meet."""

    touchpoint = models.CharField(max_length=60, unique=True)
    place = models.PositiveIntegerField(default=1)
    label_en = models.CharField(max_length=80)
    label_ja = models.CharField(max_length=80)
    source = models.CharField(max_length=20)
    names = models.TextField()
    stages = models.TextField(blank=True, default="")

    class Meta:
        """A touchpoint has names and is counted from something."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(touchpoint="") & ~Q(label_en="") & ~Q(label_ja="") & ~Q(names=""),
                name="a_touchpoint_is_named_and_counted",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["event", "contact", "order", "contract", "answer"]),
                name="a_touchpoint_has_a_source",
            ),
        ]

    def __str__(self) -> str:
        return f"touchpoint {self.pk}"

    @property
    def values(self) -> dict[str, Any]:
        """What it says."""
        return {name: getattr(self, name) for name in DESIGN}
