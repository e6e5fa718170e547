"""What people fill in about a customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.know.profiles import queries
from kizuna.web.know.profiles.models import ContactRole, Field, FieldKind

ANY = _("Any")
MOST_CHOICES = 100


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


def field_for(own: Field, *, none: Any = ANY) -> forms.Field:
    """Give what a field of the organisation's own is filled in or filtered with."""
    said: dict[str, Any] = {"label": own.name, "required": False}
    if own.kind == FieldKind.NUMBER:
        return forms.FloatField(**said)
    if own.kind == FieldKind.DATE:
        return forms.DateField(**said, widget=_day())
    if own.kind == FieldKind.CHOICE:
        return forms.ChoiceField(**said, choices=[("", none), *((c, c) for c in own.choices)])
    return forms.CharField(**said, max_length=1000)


class Versioned(forms.Form):
    """A form that knows which version of the record it was filled in from."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ProfileForm(Versioned):
    """Owner, parent and the organisation's own fields."""

    owner = forms.ModelChoiceField(
        queries.team(), label=_("Account owner"), required=False, empty_label="–"
    )
    parent_id = forms.CharField(
        label=_("Belongs to (customer)"),
        required=False,
        max_length=500,
        help_text=_("The id of the account above this one."),
    )

    def __init__(self, *args: Any, known: Sequence[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        for own in known:
            self.fields[f"{queries.FIELD}{own.pk}"] = field_for(own, none="–")

    @property
    def values(self) -> dict[int, Any]:
        """What each field is to hold; None where it is to hold nothing."""
        said = self.cleaned_data
        return {f.pk: _given(said.get(f"{queries.FIELD}{f.pk}")) for f in self.known}


class ContactForm(Versioned):
    """A person at a customer."""

    name = forms.CharField(label=_("Name"), max_length=200)
    name_kana = forms.CharField(label=_("Reading of the name"), max_length=200, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=ContactRole.choices)
    title = forms.CharField(label=_("Job title"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail address"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)


class TagForm(forms.Form):
    """A tag to put on a customer."""

    name = forms.CharField(label=_("Tag"), max_length=60)


class FieldForm(forms.Form):
    """A new field of the organisation's own."""

    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=FieldKind.choices)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For a field of the kind “Choice”: one a line."),
    )

    def clean(self) -> dict[str, Any]:
        """A choice has choices, and no more than can be looked through."""
        given = super().clean() or {}
        lines = [line.strip() for line in str(given.get("choices", "")).splitlines()]
        given["choices"] = list(dict.fromkeys(line for line in lines if line))
        if given.get("kind") != FieldKind.CHOICE:
            given["choices"] = []
        elif not 0 < len(given["choices"]) <= MOST_CHOICES:
            self.add_error("choices", _("Write 1 to 100 choices, one a line."))
        elif any(len(line) > 200 for line in given["choices"]):
            self.add_error("choices", _("A choice may have 200 letters at most."))
        return given


def _given(value: Any) -> Any:
    return None if value == "" else value
