"""What people say about a survey, a question, the pace, and which answers they look for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.surveys import queries
from kizuna.web.act.surveys.models import Every, Kind, QuestionKind, lines

MOST_CHOICES = 20


class SurveyForm(forms.Form):
    """Name, kind, what the question names, when an answer is low, whom, and how often."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Seen by your team, and in the voice.")
    )
    kind = forms.ChoiceField(label=_("What is asked"), choices=Kind, widget=forms.RadioSelect)
    subject_en = forms.CharField(
        label=_("What the question names, in English"), max_length=120, required=False
    )
    subject_ja = forms.CharField(
        label=_("What the question names, in Japanese"), max_length=120, required=False
    )
    low_at = forms.IntegerField(
        label=_("An answer is low up to"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=_("A low answer starts playbooks. NPS 6, CSAT 2, CES 3 where nothing is said."),
    )
    every = forms.TypedChoiceField(label=_("Waves"), choices=Every, coerce=int)
    next_on = forms.DateField(
        label=_("Next wave on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    open_days = forms.IntegerField(
        label=_("Days to answer"), min_value=1, max_value=365, initial=30
    )
    segment = forms.TypedChoiceField(
        label=_("Whom waves ask"), required=False, coerce=int, empty_value=None
    )

    holdout = forms.IntegerField(
        label=_("Held out by chance, in percent"),
        min_value=0,
        max_value=50,
        initial=10,
        help_text=_("So many customers are never asked, so that what asking does can be measured."),
    )

    def __init__(self, *args: Any, pk: int | None = None, is_draft: bool = True, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.pk = pk
        offered = [("", _("All customers")), *queries.segments()]
        self.fields["segment"].choices = offered  # type: ignore[attr-defined]
        if pk is not None:
            del self.fields["kind"], self.fields["holdout"]
        if not is_draft:
            for name in ("subject_en", "subject_ja"):
                self.fields[name].disabled = True

    def clean_name(self) -> str:
        """Refuse a name that another survey has."""
        name: str = self.cleaned_data["name"]
        if queries.is_taken(name, but_for=self.pk):
            raise forms.ValidationError(_("Another survey or action has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        """An official question names something."""
        said = super().clean() or {}
        kind = said.get("kind", "")
        if kind and kind != Kind.CUSTOM and not (said["subject_en"] or said["subject_ja"]):
            self.add_error(
                "subject_en", _("Say what the question names, in one language at least.")
            )
        return said


class QuestionForm(forms.Form):
    """A question in one language or both."""

    kind = forms.ChoiceField(label=_("Answered by"), choices=QuestionKind)
    text_en = forms.CharField(label=_("Question in English"), max_length=300, required=False)
    text_ja = forms.CharField(label=_("Question in Japanese"), max_length=300, required=False)
    low = forms.IntegerField(label=_("Lowest number"), min_value=0, max_value=10, required=False)
    high = forms.IntegerField(label=_("Highest number"), min_value=1, max_value=20, required=False)
    ends_en = forms.CharField(
        label=_("Ends of the scale in English"),
        max_length=120,
        required=False,
        help_text=_("What the lowest and the highest number mean, with | between."),
    )
    ends_ja = forms.CharField(
        label=_("Ends of the scale in Japanese"), max_length=120, required=False
    )
    choices_en = forms.CharField(
        label=_("Choices in English, one a line"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    choices_ja = forms.CharField(
        label=_("Choices in Japanese, one a line"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    is_required = forms.BooleanField(label=_("An answer is needed"), required=False)

    def clean(self) -> dict[str, Any]:
        """Hold each kind to what it needs."""
        said = super().clean() or {}
        if not (said.get("text_en") or said.get("text_ja")):
            self.add_error("text_en", _("Write the question in one language at least."))
        if said.get("kind") == QuestionKind.SCALE:
            self._check_scale(said)
        if said.get("kind") == QuestionKind.CHOICE:
            self._check_choices(said)
        return said

    def _check_scale(self, said: Mapping[str, Any]) -> None:
        low, high = said.get("low"), said.get("high")
        if low is None or high is None or not low < high <= low + 10:
            self.add_error("high", _("Give a scale of two to eleven numbers."))

    def _check_choices(self, said: Mapping[str, Any]) -> None:
        english, japanese = lines(said["choices_en"]), lines(said["choices_ja"])
        kept = english or japanese
        if not 2 <= len(kept) <= MOST_CHOICES or len(set(kept)) < len(kept):
            self.add_error("choices_en", _("Give two to twenty choices, each different."))
        elif english and japanese and len(english) != len(japanese):
            self.add_error("choices_ja", _("Give as many choices in both languages."))


class PaceForm(forms.Form):
    """In how many days a customer is asked once at most."""

    days = forms.IntegerField(
        label=_("At most one survey in so many days, for each customer"),
        min_value=1,
        max_value=730,
    )


class LinkForm(forms.Form):
    """For whom a link is made."""

    customer_id = forms.CharField(label=_("Customer ID"), max_length=500)


class Asked(forms.Form):
    """Which answers are looked for; what cannot be read is not asked."""

    wave = forms.IntegerField(required=False)
    sort_of = forms.ChoiceField(
        required=False,
        choices=[("low", _("Low answers")), ("words", _("With words"))],
    )
    score = forms.IntegerField(required=False)

    @property
    def values(self) -> dict[str, Any]:
        """Give what was asked."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or None for name in ("wave", "sort_of")} | {
            "score": self.cleaned_data.get("score")
        }
