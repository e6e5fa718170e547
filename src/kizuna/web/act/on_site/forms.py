"""What people say about a message on the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.actions.models import MOST_HELD_OUT
from kizuna.web.act.messages.placeholders import read
from kizuna.web.act.messages.variables import variables
from kizuna.web.act.messages.wording import problem
from kizuna.web.act.on_site import blocks, queries
from kizuna.web.act.on_site.models import (
    LONGEST_WAIT,
    MOST_DAYS,
    MOST_TIMES,
    Audience,
    Look,
    Message,
    Trigger,
)
from kizuna.web.act.on_site.services import OF_MESSAGE
from kizuna.web.act.on_site.showing import deed_of
from kizuna.web.act.on_site.surveying import askable

if TYPE_CHECKING:
    Choice = forms.ModelChoiceField[Any]
else:
    Choice = forms.ModelChoiceField
LONGEST = 2_000
ABOUT = ("name", "purpose", "survey")
SHOWN = (
    *("link", "look", "trigger", "after", "pages", "audience", "segment"),
    *("from_on", "until_on", "times", "days", "holdout"),
)
"""After the words: where their button leads, when and where it comes, to whom and how often."""


class ByName(Choice):
    """A choice among things that have names."""

    def label_from_instance(self, obj: Any) -> str:
        """Show the name alone."""
        return str(obj.name)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class MessageForm(forms.Form):
    """A message with its words, when it comes, for whom, and how often."""

    name = forms.CharField(label=_("Name"), max_length=200)
    purpose = forms.CharField(
        label=_("What it is for"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    survey = ByName(
        label=_("Survey that it asks"),
        queryset=None, required=False, empty_label="–",
        help_text=_(
            "Its question stands below the text and is answered by one press. How often anybody is "
            "asked, and who is held out, is that of the survey."
        ),
    )  # fmt: skip
    look = forms.ChoiceField(label=_("How it looks"), choices=Look)
    trigger = forms.ChoiceField(label=_("When it comes"), choices=Trigger)
    after = forms.IntegerField(
        label=_("Seconds, or percent of the page"),
        min_value=0, max_value=LONGEST_WAIT, initial=0, required=False,
    )  # fmt: skip
    pages = forms.CharField(
        label=_("On which pages"),
        required=False, max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "placeholder": "/products/*"}),
        help_text=_("Paths, one a line; * is anything. Empty: every page."),
    )  # fmt: skip
    audience = forms.ChoiceField(label=_("Shown to"), choices=Audience)
    segment = ByName(label=_("Segment"), queryset=None, required=False, empty_label="–")
    link = forms.CharField(
        label=_("Where the button leads"),
        max_length=1000, required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://", "dir": "ltr"}),
    )  # fmt: skip
    from_on, until_on = _day(_("First day")), _day(_("Last day"))
    times = forms.IntegerField(
        label=_("At most so many times for each visitor"),
        min_value=1, max_value=MOST_TIMES, initial=1,
    )  # fmt: skip
    days = forms.IntegerField(
        label=_("within so many days"),
        min_value=1, max_value=MOST_DAYS, initial=30,
        help_text=_("Who has closed it, or followed it, does not see it again."),
    )  # fmt: skip
    holdout = forms.FloatField(
        label=_("Share to whom nothing is shown, %"),
        min_value=0, max_value=100 * MOST_HELD_OUT, initial=10,
        help_text=_("By chance, so many see nothing: only so can be known what the rest earned."),
    )  # fmt: skip

    def __init__(self, *args: Any, message: Message | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.message = message
        self.fields["segment"].queryset = queries.segments()  # type: ignore[attr-defined]
        self.fields["survey"].queryset = askable()  # type: ignore[attr-defined]
        for language in ("ja", "en"):
            self._add(language)

    def _add(self, language: str) -> None:
        attrs = {"lang": language, "spellcheck": "true"}
        text = forms.TextInput(attrs=attrs)
        self.fields[f"title_{language}"] = forms.CharField(
            label=_("Title"), max_length=200, required=False, widget=text
        )
        self.fields[f"body_{language}"] = forms.CharField(
            label=_("Text"), max_length=LONGEST, required=False,
            widget=forms.Textarea(attrs=attrs | {"rows": 5}),
        )  # fmt: skip
        self.fields[f"button_{language}"] = forms.CharField(
            label=_("Words on the button"), max_length=60, required=False, widget=text
        )

    @property
    def of_start(self) -> list[Any]:
        """What it is, before its words."""
        return [self[name] for name in ABOUT]

    @property
    def of_showing(self) -> list[Any]:
        """What comes after its words."""
        return [self[name] for name in SHOWN]

    @property
    def of_words(self) -> list[tuple[Any, list[Any]]]:
        """The words, by language."""
        labels = (("ja", _("In Japanese")), ("en", _("In English")))
        return [
            (label, [self[f"{name}_{code}"] for name in ("title", "body", "button")])
            for code, label in labels
        ]

    def clean_name(self) -> str:
        """Refuse a name that another action has."""
        name: str = self.cleaned_data["name"]
        if queries.is_taken(name, self.message.action_id if self.message else None):
            raise forms.ValidationError(_("Another action has this name."))
        return name

    def clean_link(self) -> str:
        """Lead into the web, and nowhere else."""
        link: str = self.cleaned_data["link"].strip()
        try:
            parts = urlsplit(link)
            fits = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            fits = False
        if link and (not fits or any(c.isspace() for c in link)):
            raise forms.ValidationError(_("Give an address that begins with https://."))
        return f"{parts.scheme}{link[len(parts.scheme) :]}" if link else ""

    def clean(self) -> dict[str, Any]:
        """Hold words, audience and dates to each other."""
        said = super().clean() or self.cleaned_data
        said["after"] = said.get("after") or 0
        self._check_audience(said)
        self._check_words(said)
        if said.get("trigger") == Trigger.SCROLL and not 1 <= said["after"] <= 100:
            self.add_error("after", _("Give a percentage from 1 to 100."))
        first, last = said.get("from_on"), said.get("until_on")
        if first and last and last < first:
            self.add_error("until_on", _("It ends before it begins."))
        return said

    def _check_audience(self, said: dict[str, Any]) -> None:
        if said.get("audience") != Audience.SEGMENT:
            said["segment"] = None
        elif said.get("segment") is None and "segment" not in self.errors:
            self.add_error("segment", _("Choose a segment."))

    def _check_words(self, said: dict[str, Any]) -> None:
        if not (said.get("body_ja") or said.get("body_en") or said.get("survey")):
            self.add_error("body_ja", _("Write a text in one language at least."))
        known = frozenset(variables())
        for code in ("ja", "en"):
            for name in (f"title_{code}", f"body_{code}"):
                for found in blocks.problems(said.get(name) or "", known):
                    self.add_error(name, problem(found))
                if said.get("audience") != Audience.SEGMENT and _is_bare(said.get(name) or ""):
                    self.add_error(name, BARE)
            if said.get(f"button_{code}") and said.get("survey"):
                self.add_error(f"button_{code}", _("A survey is answered, and has no button."))
            elif said.get(f"button_{code}") and not said.get("link") and "link" not in self.errors:
                self.add_error("link", _("Say where the button leads."))
                said["link"] = " "

    def said(self) -> dict[str, Any]:
        """Give what was written; of a survey, its own share is held out."""
        share = 0.0 if self.cleaned_data["survey"] else self.cleaned_data["holdout"] / 100
        return self.cleaned_data | {"holdout": share}


BARE = _(
    "Visitors may be unknown: give each placeholder words for where nothing is known, as in "
    '{{ customer.name | "customer" }}.'
)


def _is_bare(text: str) -> bool:
    return any(hole.fallback is None for hole in read(text).holes)


def initial_of(message: Message) -> dict[str, Any]:
    """Give what a form begins with."""
    found = {name: getattr(message, name) for name in OF_MESSAGE}
    action = deed_of(message)
    share = round(100 * action.holdout, 6)
    said = {"name": message.action.name, "purpose": message.action.purpose, "holdout": share}
    return found | said
