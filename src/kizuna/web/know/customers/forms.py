"""What a person asks of the list; an answer that makes no sense is left out, and said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kizuna.report.names import SEGMENTS, segment_name
from kizuna.web.know.customers.columns import COLUMNS, KINDS, SHOWN, SORTED
from kizuna.web.know.customers.definitions import GROUPS, definitions
from kizuna.web.know.customers.filters import RISK, segments
from kizuna.web.know.journey.names import persona_names
from kizuna.web.know.profiles import queries as profiles
from kizuna.web.know.profiles.forms import field_for
from kizuna.web.ui.templatetags.ui import writer

ALIVE = (("", _("Any")), ("likely", _("75% or more")), ("maybe", _("25% to 75%")),
         ("unlikely", _("Below 25%")))  # fmt: skip
RANKS = (
    ("", _("Any")),
    ("top-1", _("Most valuable 1%")),
    ("top-10", _("Most valuable 10%")),
    ("top-20", _("Most valuable 20%")),
    ("rest-20", _("All but the most valuable 20%")),
)
ALWAYS_SEEN = ("q", "segment", "alive", "tag", "owner")
HIDDEN = ("columns", "sort")


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class FilterForm(forms.Form):
    """Search, filters, columns and order."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    alive = forms.ChoiceField(label=_("Still a customer"), required=False, choices=ALIVE)
    tag = forms.ModelChoiceField(
        profiles.tags(), label=_("Tag"), required=False, empty_label=_("Any")
    )
    owner = forms.ModelChoiceField(
        profiles.team(), label=_("Account owner"), required=False, empty_label=_("Any")
    )
    value_rank = forms.ChoiceField(label=_("Rank by value"), required=False, choices=RANKS)
    value_from = forms.FloatField(label=_("Value to come, at least"), required=False)
    value_to = forms.FloatField(label=_("Value to come, at most"), required=False)
    history_from = forms.FloatField(label=_("Value so far, at least"), required=False)
    history_to = forms.FloatField(label=_("Value so far, at most"), required=False)
    orders_from = forms.IntegerField(label=_("Orders, at least"), required=False)
    orders_to = forms.IntegerField(label=_("Orders, at most"), required=False)
    first_from = forms.DateField(label=_("First purchase from"), required=False, widget=_day())
    first_to = forms.DateField(label=_("First purchase until"), required=False, widget=_day())
    last_from = forms.DateField(label=_("Last purchase from"), required=False, widget=_day())
    last_to = forms.DateField(label=_("Last purchase until"), required=False, widget=_day())
    cohort = forms.RegexField(
        r"^[12]\d{3}-(0[1-9]|1[0-2])$",
        label=_("Month of the first purchase"),
        required=False,
        widget=forms.TextInput({"type": "month"}),
    )
    channel = forms.CharField(label=_("Acquired by"), required=False, max_length=200)
    region = forms.CharField(label=_("Region"), required=False, max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Any")), *KINDS.items()]
    )
    persona = forms.ChoiceField(label=_("Persona"), required=False)
    mrr_from = forms.FloatField(label=_("MRR, at least"), required=False)
    renewal_to = forms.IntegerField(label=_("Days to renewal, at most"), required=False)
    churn_from = forms.FloatField(label=_("Probability of leaving in %, at least"), required=False)
    health_to = forms.FloatField(label=_("Health (100 = healthy), at most"), required=False)
    unused_from = forms.IntegerField(label=_("Days since use, at least"), required=False)
    untold_from = forms.IntegerField(label=_("Days since contact, at least"), required=False)
    nps_to = forms.FloatField(label=_("Recommendation (0–10), at most"), required=False)
    cases_from = forms.IntegerField(label=_("Open cases, at least"), required=False)
    failed_from = forms.IntegerField(label=_("Failed payments, at least"), required=False)
    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sort = forms.ChoiceField(
        required=False,
        choices=[(sign + name, name) for name in SORTED for sign in ("", "-")],
        widget=forms.HiddenInput,
    )

    def __init__(self, given: QueryDict | None = None) -> None:
        super().__init__(_named_as_facts(given))
        say = writer()
        listed = [(name, segment_name(say, name)) for name in segments() or list(SEGMENTS)]
        field = self.fields["segment"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Any")), (RISK, _("All at risk")), *listed]
        _persona_choices(self)
        fields = {f"{profiles.FIELD}{own.pk}": own for own in profiles.fields()}
        self.fields |= {name: field_for(own) for name, own in fields.items()}
        columns = self.fields["columns"]
        assert isinstance(columns, forms.MultipleChoiceField)
        columns.initial = list(SHOWN)
        columns.choices = _columns({name: own.name for name, own in fields.items()})

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    @property
    def seldom(self) -> list[Any]:
        """Filters behind a fold."""
        return [field for field in self if field.name not in (*ALWAYS_SEEN, *HIDDEN)]

    @property
    def folded_out(self) -> bool:
        """Whether something behind the fold is in use."""
        wrong = any(field.errors for field in self.seldom)
        return wrong or any(field.value() for field in self.seldom) or bool(self["columns"].data)


def _persona_choices(form: FilterForm) -> None:
    """Offer the personas that there are; the filter is left out where there are none."""
    names, field = persona_names(), form.fields["persona"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", _("Any")), *names.items()]
    if not names:
        del form.fields["persona"]


def _columns(own: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """List the columns that can be shown, topic by topic."""
    known, listed = definitions(), [c for c in COLUMNS.values() if c.name != "customer_id"]
    found: dict[str, list[tuple[str, str]]] = {}
    for group in GROUPS:
        for column in listed:
            if known[column.name].group == group:
                found.setdefault(str(GROUPS[group]), []).append((column.name, str(column.label)))
    return [*found.items(), *([(str(_("Your own fields")), list(own.items()))] if own else [])]


class UntilForm(forms.Form):
    """A day up to which orders are shown."""

    id = forms.CharField(widget=forms.HiddenInput, required=False)
    until_on = forms.DateField(label=_("Orders up to"), required=False, widget=_day())

    @property
    def until(self) -> date | None:
        """The day, if it makes sense."""
        self.is_valid()
        day: date | None = self.cleaned_data.get("until_on")
        return day


def _named_as_facts(given: QueryDict | None) -> QueryDict | None:
    """Take the names of facts, too, as charts and tables write them in their links."""
    if given is None or "rfm_segment" not in given or "segment" in given:
        return given
    known = given.copy()
    known.setlist("segment", given.getlist("rfm_segment"))
    return known
