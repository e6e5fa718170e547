"""What a person asks of the pages of voice, and says of comments and gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kizuna.experience.voice.moods import MOODS
from kizuna.web.accounts.models import Person
from kizuna.web.know.voice.models import Gap, ThemeWords


class Asked:
    """Theme, mood and page number; what makes no sense is not asked."""

    def __init__(self, query: QueryDict) -> None:
        """Read the address."""
        self.theme = query.get("theme", "")
        mood = query.get("mood", "")
        self.mood = mood if mood in MOODS else ""
        page = query.get("page", "1")
        self.page = int(page) if re.fullmatch(r"[1-9]\d{0,3}", page, re.ASCII) else 1


class LabelForm(forms.Form):
    """Whether a comment is about a theme."""

    customer_id = forms.CharField(max_length=500)
    comment_id = forms.CharField(max_length=500)
    theme = forms.CharField(max_length=60)
    holds = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda v: v == "1")


class _People(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choose a person by name."""

    def label_from_instance(self, obj: Any) -> str:
        """Give the name."""
        return str(obj.name)


class GapForm(forms.Form):
    """A gap: of which theme, what it is, who closes it, by what, and since when."""

    theme = forms.ChoiceField(label=_("Theme"))
    about = forms.CharField(label=_("What is wrong"), max_length=200)
    owner = _People(
        Person.objects.none(), label=_("Owner"), required=False, empty_label=_("Nobody yet")
    )
    improvement = forms.CharField(
        label=_("Improvement"), required=False, widget=forms.Textarea({"rows": 3})
    )
    improved_on = forms.DateField(
        label=_("Live since"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_(
            "From this day on complaints are compared with as many days before; the next "
            "computation of the figures shows it."
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, themes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the themes of the dictionary, and the people who are here."""
        super().__init__(*args, **kwargs)
        choice, owner = self.fields["theme"], self.fields["owner"]
        assert isinstance(choice, forms.ChoiceField)
        assert isinstance(owner, forms.ModelChoiceField)
        choice.choices = list(themes)
        owner.queryset = Person.objects.filter(is_active=True).order_by("name")

    def clean(self) -> dict[str, Any] | None:
        """Ask what went live."""
        given = super().clean() or {}
        if given.get("improved_on") and not given.get("improvement"):
            self.add_error("improvement", _("Say what was improved."))
        return given

    @property
    def values(self) -> dict[str, Any]:
        """What is to be kept."""
        names = ("theme", "about", "owner", "improvement", "improved_on")
        return {name: self.cleaned_data[name] for name in names}


def as_said(gap: Gap) -> dict[str, Any]:
    """Write a gap as the form has it."""
    return {**gap.values, "owner": gap.owner_id, "version": gap.version}


class ThemeForm(forms.Form):
    """A theme of the dictionary: its names and its words."""

    label_ja = forms.CharField(label=_("Name in Japanese"), max_length=80)
    label_en = forms.CharField(label=_("Name in English"), max_length=80)
    words = forms.CharField(
        label=_("Words"),
        max_length=10_000,
        strip=False,
        widget=forms.Textarea({"rows": 12}),
        help_text=_(
            "A word a line, in Japanese or English. A comment with any of them is about the theme; "
            "a blank behind a word is meant: “app ” is not “apple”."
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, given: QueryDict | None, *, kept: ThemeWords | None) -> None:
        """Fill in the theme as it stands."""
        told = {} if kept is None else {**kept.values, "version": kept.version}
        if kept is not None:
            told["words"] = kept.words.replace("|", "\n")
        super().__init__(given, initial=told)

    def clean_words(self) -> str:
        """Keep each word once."""
        said = str(self.cleaned_data["words"]).replace("\r", "").replace("|", "\n").split("\n")
        words = dict.fromkeys(word.lstrip() for word in said if word.strip())
        if not words:
            raise forms.ValidationError(_("Give at least one word."))
        return "|".join(words)

    @property
    def values(self) -> dict[str, Any]:
        """What is to be kept."""
        return {name: self.cleaned_data[name] for name in ("label_ja", "label_en", "words")}
