"""Touchpoints as people designed them, a preset while there are none; personas and their names."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

DESIGN = ("touchpoint", "place", "label_en", "label_ja", "source", "names", "stages")
SAID = ("name", "sentence", "mark")


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


class Persona(models.Model):
    """A kind of customers that was found: the model it is told by, and what people call it.

    While nobody has named it, it is told by the newest model; a named one by that of the day of its
    name, so that it does not drift away from what the name was given to.
    """

    persona = models.CharField(max_length=20, unique=True)
    basis = models.CharField(max_length=20)
    kind = models.PositiveSmallIntegerField()
    traits = models.TextField()
    parameters = models.TextField()
    seen_on = models.DateField()
    name = models.CharField(max_length=60, blank=True, default="")
    sentence = models.CharField(max_length=300, blank=True, default="")
    mark = models.CharField(max_length=2, blank=True, default="")
    named_by = models.ForeignKey(
        "accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    named_at = models.DateTimeField(null=True)
    overlap = models.FloatField(null=True)
    nearest = models.CharField(max_length=20, blank=True, default="")
    retired_on = models.DateField(null=True)

    class Meta:
        """No two have one name; a mark and a sentence are of a named one."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=~Q(name=""), name="personas_differ_in_name"
            ),
            models.CheckConstraint(
                condition=~Q(name="") | Q(mark="", sentence="", named_at=None),
                name="a_mark_is_of_a_named_persona",
            ),
            models.CheckConstraint(
                condition=~Q(parameters="") & ~Q(traits=""), name="a_persona_is_told_by_a_model"
            ),
        ]

    def __str__(self) -> str:
        return f"persona {self.persona}"

    @property
    def values(self) -> dict[str, Any]:
        """What people said of it."""
        return {name: getattr(self, name) for name in SAID}

    @property
    def label(self) -> str:
        """Mark and name, as they stand wherever the persona is shown."""
        return f"{self.mark} · {self.name}" if self.mark else self.name
