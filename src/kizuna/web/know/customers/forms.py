"""What a person asks of the list; an answer that makes no sense is left out, and said."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.report.names import SEGMENTS, segment_name
from kizuna.web.know.customers.columns import COLUMNS, SHOWN, SORTED
from kizuna.web.know.customers.queries import RISK
from kizuna.web.ui.templatetags.ui import writer

ALIVE = (("", _("Any")), ("likely", _("75% or more")), ("maybe", _("25% to 75%")),
         ("unlikely", _("Below 25%")))  # fmt: skip


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class FilterForm(forms.Form):
    """Search, filters, columns and order."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    value_from = forms.FloatField(label=_("Value to come, at least"), required=False)
    value_to = forms.FloatField(label=_("Value to come, at most"), required=False)
    alive = forms.ChoiceField(label=_("Still a customer"), required=False, choices=ALIVE)
    last_from = forms.DateField(label=_("Last purchase from"), required=False, widget=_day())
    last_to = forms.DateField(label=_("Last purchase until"), required=False, widget=_day())
    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(c.name, c.label) for c in COLUMNS.values() if c.name != "customer_id"],
    )
    sort = forms.ChoiceField(
        required=False,
        choices=[(sign + name, name) for name in SORTED for sign in ("", "-")],
        widget=forms.HiddenInput,
    )

    def __init__(self, *given: Any, segments: list[str], **more: Any) -> None:
        super().__init__(*given, **more)
        say = writer()
        names = segments or list(SEGMENTS)
        listed = [(name, segment_name(say, name)) for name in names]
        field = self.fields["segment"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Any")), (RISK, _("All at risk")), *listed]
        self.fields["columns"].initial = list(SHOWN)

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
