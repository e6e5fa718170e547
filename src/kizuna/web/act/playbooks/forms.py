"""What people fill in: each page one form, so that nothing needs a script."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.reading import read
from kizuna.web.act.playbooks.intakes import MOST_CHOSEN
from kizuna.web.act.playbooks.models import Playbook
from kizuna.web.act.playbooks.plan import DATES, NEEDS, Said
from kizuna.web.act.playbooks.queries import live_ones
from kizuna.web.act.playbooks.steps import Field, StepKind
from kizuna.web.act.playbooks.wording import WHEN_WORDS
from kizuna.web.know.lists.forms import LONGEST_ID
from kizuna.web.know.segments.forms import Asked, TextForm, row_forms, shown_of
from kizuna.web.know.segments.models import Kind, Segment
from kizuna.web.know.segments.wording import problem

DATE_WORDS = {
    "renewal": _("the renewal"),
    "notice": _("the day by which notice must be given"),
}
AGAIN_WORDS = {
    "never": _("no: once and for all"),
    "after_end": _("yes, once the former time is over"),
    "after_days": _("yes, so many days after the former time is over"),
}


class AboutForm(forms.Form):
    """What a playbook is called and what it is for."""

    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(
        label=_("What it is for"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class StartForm(forms.Form):
    """What makes a customer enter; the rule stands in rows beside."""

    when = forms.ChoiceField(label=_("A customer enters when"), choices=list(WHEN_WORDS.items()))
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    event = forms.CharField(
        label=_("Name of the event"),
        max_length=200,
        required=False,
        help_text=_("As it is sent, for example Checkout Started; or Low answer, for surveys."),
    )
    of = forms.ChoiceField(
        label=_("Date to count back from"), required=False, choices=list(DATE_WORDS.items())
    )
    business_days = forms.IntegerField(
        label=_("Business days before"), required=False, min_value=1, max_value=500
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        names = Segment.objects.filter(kind=Kind.LIVE).order_by("name").values_list("name", "name")
        segments = self.fields["segment"]
        assert isinstance(segments, forms.ChoiceField)
        segments.choices = [("", _("choose…")), *names]
        for name in {"segment", "event", "of", "business_days"} - set(NEEDS[self.chosen]):
            del self.fields[name]
        for left in self.fields.values():
            left.required = True

    @property
    def chosen(self) -> str:
        """What is chosen: only what it needs is asked for."""
        said = self.data.get("when") if self.is_bound else self.initial.get("when")
        return str(said) if said in NEEDS else "by_hand"

    def said(self, rule: str) -> Said:
        """Give the trigger as it is written."""
        values, when = self.cleaned_data, self.cleaned_data["when"]
        filled = {**values, "rule": rule}
        return {"when": when} | {name: filled.get(name) or "" for name in NEEDS[when]}


def start_values(trigger: Said) -> Said:
    """Give what the form shows of a trigger."""
    return {"of": next(iter(DATES)), **trigger}


class EndForm(forms.Form):
    """When a customer leaves early, and whether she comes again."""

    event = forms.CharField(
        label=_("Leaves when this event comes in"),
        max_length=200,
        required=False,
        help_text=_("Its name as it is sent, for example Order Completed."),
    )
    again = forms.ChoiceField(
        label=_("May the same customer enter again?"), choices=list(AGAIN_WORDS.items())
    )
    days = forms.IntegerField(
        label=_("After how many days"), required=False, min_value=1, max_value=3650
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the days where they count."""
        said = super().clean() or {}
        if said.get("again") == "after_days" and not said.get("days"):
            self.add_error("days", _("Say after how many days."))
        return said

    @property
    def again_said(self) -> str | Said:
        """Give the rule of who comes again, as it is written."""
        again = str(self.cleaned_data["again"])
        return {"after_days": self.cleaned_data["days"]} if again == "after_days" else again


def end_values(said: Said) -> Said:
    """Give what the form shows of how it ends."""
    again, leave = said.get("again", "never"), said.get("exit") or {}
    days = again.get("after_days") if isinstance(again, dict) else None
    how = "after_days" if isinstance(again, dict) else again
    return {"event": leave.get("event", ""), "again": how, "days": days}


class StepForm(forms.Form):
    """What is said of a step, by the fields of its kind; a rule stands in rows beside."""

    def __init__(self, *given: Any, kind: StepKind, **more: Any) -> None:
        super().__init__(*given, **more)
        for field in kind.fields:
            if field.kind != "rule":
                self.fields[field.name] = _form_field(field)

    def said(self) -> Said:
        """Give the values as they are written: whole numbers as such."""
        return {key: _tidy(value) for key, value in self.cleaned_data.items()}


def _tidy(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _form_field(field: Field) -> forms.Field:
    said: dict[str, Any] = {"label": field.label, "required": field.required}
    said["help_text"] = field.help
    if field.kind == "number":
        return forms.FloatField(**said, min_value=field.least)
    if field.kind == "choice" and field.choices is not None:
        return forms.ChoiceField(**said, choices=field.choices)
    widget = forms.Textarea({"rows": 4}) if field.kind == "long" else None
    return forms.CharField(**said, max_length=4000 if widget else 300, widget=widget)


class RulePart:
    """A rule on a page: in rows, or as text where it has more to it than rows can show."""

    def __init__(self, text: str, given: QueryDict | None = None) -> None:
        self.given, self.problem, self.text = given, "", text
        self.asked = Asked.of(given) if given is not None else None

    def read(self, required: bool) -> bool:
        """Read what was sent; False where it cannot be used, and `problem` says why."""
        assert self.asked is not None
        empty = not self.asked.rows if self.asked.mode == "form" else not self._written
        if empty and not required:
            self.text = ""
            return True
        try:
            self.text = self.asked.rule().text
        except RuleError as error:
            self.problem = str(problem(error))
            self.text = self._written or self.text
        return not self.problem

    @property
    def _written(self) -> str:
        return str(self.given.get("rule", "")).strip() if self.given is not None else ""

    def shown(self) -> dict[str, Any]:
        """Give what the page shows of it."""
        if self.asked is not None and self.asked.mode == "form":
            rows = row_forms(list(self.asked.rows))
            return {"mode": "form", "match": self.asked.match, "rows": rows}
        found = _rows_of(self.text)
        if found is None or (self.asked is not None and self.asked.mode == "text"):
            return {"mode": "text", "text": TextForm(initial={"rule": self.text})}
        match, rows = found
        return {"mode": "form", "match": match, "rows": row_forms([*rows, {}])}


def _rows_of(text: str) -> Any:
    try:
        return shown_of(read(text, known_facts()) if text else None)
    except RuleError:
        return None


class YamlForm(forms.Form):
    """A playbook as text."""

    text = forms.CharField(
        label=_("The playbook as text (YAML)"),
        strip=False,
        widget=forms.Textarea({"rows": 30, "spellcheck": "false", "dir": "ltr"}),
    )


class Named(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Playbooks by the name of their action, and segments by theirs."""

    def label_from_instance(self, obj: Any) -> str:
        """Give the name."""
        return str(obj.action.name if isinstance(obj, Playbook) else obj.name)


class EnrolForm(forms.Form):
    """Whom to have enter by hand."""

    customer = forms.CharField(label=_("Customer id"), required=False, max_length=300)
    segment = Named(
        Segment.objects.order_by("name"), label=_("or all of a segment"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the one or the other."""
        said = super().clean() or {}
        if bool(said.get("customer")) == bool(said.get("segment")):
            raise forms.ValidationError(_("Name a customer, or choose a segment."))
        return said

    @property
    def said(self) -> dict[str, Any]:
        """Who is meant."""
        given = self.cleaned_data
        if given["segment"] is not None:
            return {"segment": given["segment"]}
        return {"chosen": [given["customer"].strip()]}


class ChosenForm(forms.Form):
    """Customers of the list, and the playbook that they are to enter."""

    playbook = Named(Playbook.objects.none(), label=_("Playbook"), required=False, empty_label=None)
    everyone = forms.BooleanField(required=False, widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=10_000, widget=forms.HiddenInput)

    def __init__(self, *given: Any, chosen: list[str] | None = None, **more: Any) -> None:
        super().__init__(*given, **more)
        self.chosen = chosen or []
        field = self.fields["playbook"]
        assert isinstance(field, Named)
        field.queryset = live_ones()

    def clean(self) -> dict[str, Any]:
        """Somebody is ticked, or everyone is meant; which playbook is asked next."""
        said = super().clean() or {}
        self.fields["playbook"].required = True
        if not said.get("everyone") and not self.chosen:
            self.add_error(None, _("Tick customers first, or choose all that match."))
        if len(self.chosen) > MOST_CHOSEN or any(len(pk) > LONGEST_ID for pk in self.chosen):
            self.add_error(None, _("Tick at most 500 customers, or choose all that match."))
        return said

    @property
    def said(self) -> dict[str, Any]:
        """Who is meant."""
        given = self.cleaned_data
        chosen = None if given["everyone"] else self.chosen
        return {"pk": given["playbook"].pk, "chosen": chosen, "query": given["query"]}
