"""What people say of an experiment that was made elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as gettext_now
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.capture.amounts import codes
from kizuna.pipeline.measure.outside import Plan
from kizuna.web.capture.imports.files import SUFFIXES

type Seen = dict[str, Any]


class BringForm(forms.Form):
    """A file, and what the experiment is called."""

    name = forms.CharField(label=_("Name"), max_length=200)
    file = forms.FileField(
        label=_("File"),
        help_text=_("One row for each customer: the group, what was measured, what was known."),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(SUFFIXES)}),
    )


class PlanForm(forms.Form):
    """Which column is what."""

    arm = forms.ChoiceField(label=_("Column of the group"))
    control = forms.ChoiceField(
        label=_("Which group was held out"), help_text=_("Nothing was done to these customers.")
    )
    held_out = forms.FloatField(
        label=_("Share that was to be held out, in %"),
        min_value=0.1,
        max_value=99.9,
        required=False,
        help_text=_("Empty: all groups were to be of the same size."),
    )
    outcomes = forms.MultipleChoiceField(
        label=_("What was measured"), widget=forms.CheckboxSelectMultiple
    )
    money = forms.ChoiceField(
        label=_("Of these, money"), required=False, help_text=_("Revenue of a customer afterwards.")
    )
    covariates = forms.MultipleChoiceField(
        label=_("What was known before"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what was known before the start; otherwise the answer is wrong."),
    )
    unit = forms.ChoiceField(label=_("Column of the customer"), required=False)
    cost = forms.FloatField(
        label=_("Cost of a treated customer"), min_value=0, required=False, initial=0
    )
    cost_column = forms.ChoiceField(label=_("or the column of the cost"), required=False)
    currency = forms.CharField(
        label=_("Currency of the money"), max_length=3, required=False, help_text=_("Such as JPY.")
    )
    margin = forms.FloatField(
        label=_("Margin on the money, in %"), min_value=0, max_value=100, initial=100
    )

    def __init__(
        self, data: QueryDict | None, *, seen: Seen, margin: float = 1.0, currency: str = ""
    ) -> None:
        """Offer the columns of the file."""
        usual = {"margin": round(margin * 100, 2), "currency": currency}
        super().__init__(data, initial={**usual, **_guess(seen)})
        self.seen = seen
        none = [("", "–")]
        numbers = [(name, name) for name in seen["numbers"]]
        groups = {value for values in seen["values"].values() for value in values}
        self._choose("arm", [(name, name) for name in seen["values"]])
        self._choose("control", [(value, value) for value in sorted(groups)])
        self._choose("unit", [*none, *((name, name) for name in seen["columns"])])
        for name in ("outcomes", "covariates"):
            self._choose(name, numbers)
        for name in ("money", "cost_column"):
            self._choose(name, [*none, *numbers])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_currency(self) -> str:
        """Read a currency by its code."""
        said = str(self.cleaned_data["currency"]).strip().upper()
        if said and said not in codes():
            raise ValidationError(gettext_now("This is no currency; write its three letters."))
        return said

    def clean(self) -> dict[str, Any]:
        """Hold the answers against one another."""
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        if said["control"] not in self.seen["values"][said["arm"]]:
            raise ValidationError({"control": gettext_now("This column has no such group.")})
        if said["money"] and said["money"] not in said["outcomes"]:
            said["outcomes"] = [said["money"], *said["outcomes"]]
        both = set(said["outcomes"]) & set(said["covariates"])
        if both or said["arm"] in {*said["outcomes"], *said["covariates"]}:
            text = gettext_now("A column is one thing only: the group, measured, or known before.")
            raise ValidationError({"covariates": text})
        return said

    @property
    def plan(self) -> Plan:
        """Give what was said."""
        said = self.cleaned_data
        return Plan(
            arm=said["arm"],
            control=said["control"],
            outcomes=tuple(said["outcomes"]),
            money=said["money"],
            covariates=tuple(said["covariates"]),
            unit=said["unit"],
            cost=said["cost"] or 0.0,
            cost_column=said["cost_column"],
            margin=said["margin"] / 100,
            held_out=said["held_out"] / 100 if said["held_out"] else None,
        )


ARM_WORDS = ("arm", "group", "segment", "variant", "treatment", "群", "グループ", "施策")
CONTROL_WORDS = ("control", "no ", "none", "holdout", "hold-out", "対照", "なし", "除外")


def _guess(seen: Seen) -> dict[str, Any]:
    """Guess the group and who was held out by their names."""
    named = [c for c in seen["values"] if any(w in c.lower() for w in ARM_WORDS)]
    arms = sorted(named, key=lambda c: all(v.isdecimal() for v in seen["values"][c]))
    arms = [c for c in arms if _controls(seen["values"][c])] or arms
    if not arms:
        return {}
    return {"arm": arms[0], "control": next(iter(_controls(seen["values"][arms[0]])), None)}


def _controls(values: list[str]) -> list[str]:
    return [v for v in values if any(v.lower().startswith(w) or w in v for w in CONTROL_WORDS)]
