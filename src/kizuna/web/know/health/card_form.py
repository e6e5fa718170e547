"""The scorecard as a form: weights of groups, then measures and exceptions in rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.experience.scorecard import Card, Ceiling, Group, Measure, ScorecardError
from kizuna.pipeline.health_tables import GROUPS
from kizuna.pipeline.know.churn_data import fact_names
from kizuna.web.know.customers.definitions import definitions
from kizuna.web.know.health.words import groups

SPARE = 2
"""Empty rows for more."""


def fact_choices() -> list[tuple[str, str]]:
    """Name the facts that a scorecard may use."""
    known = definitions()
    named = [(name, str(known[name].label) if name in known else name) for name in fact_names()]
    return [("", "–"), *sorted(named, key=lambda pair: pair[1])]


class MeasureForm(forms.Form):
    """A measure: where a fact is worth nothing, and where everything."""

    group = forms.ChoiceField(label=gettext_lazy("Group"), required=False)
    fact = forms.ChoiceField(label=gettext_lazy("Fact"), required=False)
    worst = forms.FloatField(label=gettext_lazy("0 points at"), required=False)
    best = forms.FloatField(label=gettext_lazy("100 points at"), required=False)
    weight = forms.FloatField(label=gettext_lazy("Weight within the group"), required=False)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _choices(self, "group").choices = list(groups().items())
        _choices(self, "fact").choices = fact_choices()

    def clean(self) -> dict[str, Any]:
        """Check a row that is filled in."""
        given = self.cleaned_data
        if given.get("fact"):
            _all_given(self, "worst", "best")
            if given.get("worst") is not None and given.get("worst") == given.get("best"):
                self.add_error("best", _("0 and 100 points cannot be at the same value."))
            if (given.get("weight") or 1.0) <= 0:
                self.add_error("weight", _("A weight is above 0."))
        return given


class CeilingForm(forms.Form):
    """An exception: where a fact is beyond a limit, the score is at most this."""

    fact = forms.ChoiceField(label=gettext_lazy("Fact"), required=False)
    below = forms.ChoiceField(
        label=gettext_lazy("is"),
        required=False,
        choices=[("", gettext_lazy("at least")), ("1", gettext_lazy("at most"))],
    )
    limit = forms.FloatField(label=gettext_lazy("Limit"), required=False)
    most = forms.FloatField(
        label=gettext_lazy("Score is at most"), required=False, min_value=0, max_value=100
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _choices(self, "fact").choices = fact_choices()

    def clean(self) -> dict[str, Any]:
        """Check a row that is filled in."""
        if self.cleaned_data.get("fact"):
            _all_given(self, "limit", "most")
        return self.cleaned_data


MeasureRows = forms.formset_factory(MeasureForm, extra=SPARE, max_num=60)
CeilingRows = forms.formset_factory(CeilingForm, extra=SPARE, max_num=20)


class WeightsForm(forms.Form):
    """What each group weighs of 100."""

    def __init__(self, given: QueryDict | None, *, card: Card) -> None:
        super().__init__(given, prefix="weight")
        kept = {group.name: group.weight for group in card.groups}
        for name, label in groups().items():
            self.fields[name] = forms.FloatField(
                label=label, min_value=0, max_value=100, initial=kept.get(name, 0.0)
            )

    def clean(self) -> dict[str, Any]:
        """Check that they add to 100."""
        given = self.cleaned_data
        if len(given) == len(GROUPS) and abs(sum(given.values()) - 100.0) > 1e-6:
            total = f"{sum(given.values()):g}"
            raise forms.ValidationError(
                _("The weights of the groups add to %(total)s, not to 100.") % {"total": total}
            )
        return given


class CardForm:
    """All of a scorecard; `card` is what it says, once it is valid."""

    def __init__(self, given: QueryDict | None, *, card: Card) -> None:
        self.weights = WeightsForm(given, card=card)
        self.measures = MeasureRows(given, prefix="measure", initial=_measures(card))
        self.ceilings = CeilingRows(given, prefix="ceiling", initial=_ceilings(card))

    def is_valid(self) -> bool:
        """Whether every part is, and all of them together."""
        parts = [part.is_valid() for part in (self.weights, self.measures, self.ceilings)]
        return all(parts) and self._counts()

    @property
    def card(self) -> Card:
        """Give the scorecard."""
        weights, rows = self.weights.cleaned_data, self.measures.cleaned_data
        found = tuple(
            Group(name, weights[name], tuple(_measure(r) for r in rows if _is_of(r, name)))
            for name in GROUPS
            if weights[name] > 0
        )
        given = [row for row in self.ceilings.cleaned_data if row.get("fact")]
        return Card(found, tuple(_ceiling(row) for row in given))

    def _counts(self) -> bool:
        """Refuse a group that weighs something and measures nothing."""
        names = groups()
        try:
            empty = [names[group.name] for group in self.card.groups if not group.measures]
        except ScorecardError as error:
            self.weights.add_error(None, str(error))
            return False
        for name in empty:
            said = _("%(group)s has a weight, but no measure.") % {"group": name}
            self.weights.add_error(None, said)
        return not empty


def _is_of(row: dict[str, Any], group: str) -> bool:
    return bool(row.get("fact")) and row["group"] == group


def _measure(row: dict[str, Any]) -> Measure:
    return Measure(row["fact"], row["worst"], row["best"], row.get("weight") or 1.0)


def _ceiling(row: dict[str, Any]) -> Ceiling:
    return Ceiling(row["fact"], row["limit"], row["most"], bool(row["below"]))


def _measures(card: Card) -> list[dict[str, Any]]:
    return [
        {"group": group.name, "fact": m.fact, "worst": m.worst, "best": m.best, "weight": m.weight}
        for group in card.groups
        for m in group.measures
    ]


def _ceilings(card: Card) -> list[dict[str, Any]]:
    return [
        {"fact": c.fact, "below": "1" if c.below else "", "limit": c.limit, "most": c.most}
        for c in card.exceptions
    ]


def _all_given(form: forms.Form, *names: str) -> None:
    for name in names:
        if form.cleaned_data.get(name) is None and name not in form.errors:
            form.add_error(name, _("Fill this in."))


def _choices(form: forms.Form, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    return field
