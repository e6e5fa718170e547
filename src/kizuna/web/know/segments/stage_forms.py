"""The form of the stages: a few rows, each checked by the rule language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.know import lifecycle_stages
from kizuna.pipeline.know.lifecycle_stages import KEY, Stage
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.reading import LONGEST, read, read_term
from kizuna.web.know.segments.stages import MOST, Row
from kizuna.web.know.segments.wording import problem

RULE = {"rows": 2, "spellcheck": "false", "autocapitalize": "off"}


class StageForm(forms.Form):
    """One stage."""

    stage = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    place = forms.IntegerField(label=_("Order"), min_value=1, max_value=99)
    label_ja = forms.CharField(label=_("Name in Japanese"), max_length=60)
    label_en = forms.CharField(label=_("Name in English"), max_length=60)
    entry = forms.CharField(label=_("Enters when"), max_length=LONGEST, widget=forms.Textarea(RULE))
    exit = forms.CharField(
        label=_("Leaves when"), max_length=LONGEST, required=False, widget=forms.Textarea(RULE)
    )
    days = forms.CharField(
        label=_("Days in it are"),
        max_length=300,
        required=False,
        help_text=_("For example: today - first_purchase"),
    )
    expected_days = forms.IntegerField(
        label=_("Should last (days)"), min_value=1, max_value=36_500, required=False
    )
    remove = forms.BooleanField(label=_("Remove this stage"), required=False)

    def clean_stage(self) -> str:
        """A key is one of ours, or empty."""
        key = str(self.cleaned_data["stage"])
        return key if KEY.fullmatch(key) else ""

    def clean_entry(self) -> str:
        """Say what is wrong with the rule, and where."""
        return _rule(self.cleaned_data["entry"])

    def clean_exit(self) -> str:
        """Say what is wrong with the rule, and where."""
        text = str(self.cleaned_data["exit"]).strip()
        return _rule(text) if text else ""

    def clean_days(self) -> str:
        """A number of days, made of facts."""
        text = str(self.cleaned_data["days"]).strip()
        if not text:
            return ""
        try:
            term = read_term(text, lifecycle_stages.known())
        except RuleError as error:
            raise forms.ValidationError(problem(error)) from error
        if term.kind != "number":
            raise forms.ValidationError(gettext("This is no number of days."))
        return text

    def clean(self) -> dict[str, Any]:
        """Who is stuck is told by both numbers."""
        given = self.cleaned_data
        if given.get("expected_days") and not given.get("days") and "days" not in self.errors:
            self.add_error("days", gettext("Say what tells how long a customer has been in it."))
        return given

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in."""
        names = ("label_ja", "label_en", "entry", "exit", "days")
        return not any(self.data.get(self.add_prefix(name), "").strip() for name in names)

    @property
    def removed(self) -> bool:
        """Whether the stage is to go."""
        return bool(self.data.get(self.add_prefix("remove")))

    @property
    def row(self) -> Row:
        """What it says."""
        names = ("stage", "label_ja", "label_en", "entry", "exit", "days", "expected_days")
        return {name: self.cleaned_data[name] for name in names}


def _rule(text: str) -> str:
    try:
        return read(text, lifecycle_stages.known()).text
    except RuleError as error:
        raise forms.ValidationError(problem(error)) from error


def shown(stages: Sequence[Stage], labels: dict[str, tuple[str, str]]) -> list[StageForm]:
    """Give a form for each stage, and an empty one."""
    rows: list[dict[str, Any]] = []
    for at, one in enumerate(stages, 1):
        ja, en = labels[one.name]
        row = {"stage": one.name, "place": at, "label_ja": ja, "label_en": en, "days": one.days}
        rows.append(
            row | {"entry": one.entry, "exit": one.exit, "expected_days": one.expected_days}
        )
    rows.append({"place": len(rows) + 1})
    return [StageForm(initial=row, prefix=f"stage-{at}") for at, row in enumerate(rows[:MOST])]


def asked(given: QueryDict) -> list[StageForm]:
    """Give the forms as they were filled in."""
    found = [StageForm(given, prefix=f"stage-{at}") for at in range(MOST)]
    return [one for one in found if one.add_prefix("place") in given]


def rows_of(forms_: Sequence[StageForm]) -> list[Row] | None:
    """Give what was filled in, in its order; None where something is wrong."""
    filled = [one for one in forms_ if not one.empty and not one.removed]
    if [one for one in filled if not one.is_valid()]:
        return None
    filled.sort(key=lambda one: one.cleaned_data["place"])
    rows = [one.row for one in filled]
    keys = [row["stage"] for row in rows if row["stage"]]
    if len(set(keys)) < len(keys):
        filled[-1].add_error(None, gettext("A stage was sent twice; open the page again."))
        return None
    return rows
