"""What someone else has changed beside what a person typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose two values differ."""

    label: str
    yours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Who changed the record in the meantime, when, and where it differs from what was typed."""

    person: str
    at: datetime
    differences: list[Difference]


def conflict(form: forms.Form, now: Mapping[str, Any], person: str, at: datetime) -> Conflict:
    """Compare a form with the record as it is now; sent again, the form replaces that record."""
    given = form.cleaned_data
    differences = [
        Difference(str(bound.label), _text(form, bound.name, given), _text(form, bound.name, now))
        for bound in form.visible_fields()
        if _text(form, bound.name, given) != _text(form, bound.name, now)
    ]
    form.data = {**_flat(form.data), "version": now["version"]}
    return Conflict(person, at, differences)


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was sent, one value a field."""
    return {name: data[name] for name in data}


def _text(form: forms.Form, name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    if value in (None, ""):
        return "–"
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        known: Any = field.choices
        return str(dict(known).get(value, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
