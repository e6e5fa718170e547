"""What a person moves. The fields are numbers; a script lays a slider beside each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.parameters import minor_units
from kizuna.web.know.scenarios.models import LIMITS


def _percent(label: Any, name: str, help_text: Any) -> forms.FloatField:
    low, high = LIMITS[name]
    return forms.FloatField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=low,
        max_value=high,
        widget=forms.NumberInput({"step": "any", "data-slider": "1", "inputmode": "decimal"}),
    )


class LeverForm(forms.Form):
    """The five levers, and what winning a customer costs now."""

    loss = _percent(
        _("Customers leaving: change (%)"),
        "loss",
        _("−20: in any month a fifth fewer leave than would; from now on, everyone."),
    )
    frequency = _percent(
        _("Orders a year: change (%)"),
        "frequency",
        _("How often customers order while they stay; how long they stay is as now."),
    )
    basket = _percent(
        _("Value of an order: change (%)"), "basket", _("First orders and repeat orders alike.")
    )
    margin = forms.FloatField(
        label=_("Margin (% of revenue)"),
        required=False,
        validators=[MinValueValidator(0.1), MaxValueValidator(100)],
        widget=forms.NumberInput(
            {"step": "any", "min": "0.1", "max": "100", "data-slider": "1", "inputmode": "decimal"}
        ),
    )
    cost = forms.FloatField(
        label=_("Cost of winning a customer, now"),
        required=False,
        validators=[MinValueValidator(0.01), MaxValueValidator(1e12)],
        widget=forms.NumberInput({"step": "any", "min": "0", "inputmode": "decimal"}),
    )
    acquisition = _percent(
        _("Cost of winning a customer: change (%)"),
        "acquisition",
        _("Moves payback and LTV ÷ cost; customers you have are won already."),
    )

    def __init__(
        self, *given: Any, currency: str, margin: float, cost: float | None = None, **more: Any
    ) -> None:
        super().__init__(*given, **more)
        self.currency = currency
        self.fields["margin"].widget.attrs["placeholder"] = f"{margin:.4g}"
        self.fields["margin"].help_text = _("Empty: %(margin)s, as now.") % {
            "margin": f"{margin:.4g}%"
        }
        if cost is not None:
            self.fields["cost"].widget.attrs["placeholder"] = f"{cost:.6g}"
        self.fields["cost"].help_text = _("In %(currency)s. Empty: from your costs, if known.") % {
            "currency": "" if currency == "XXX" else currency
        }

    @property
    def values(self) -> dict[str, Any] | None:
        """What was asked, as a scenario keeps it; None where it makes no sense."""
        if not self.is_valid():
            return None
        given = self.cleaned_data
        cost = given["cost"]
        return {
            **{name: given[name] or 0.0 for name in LIMITS},
            "margin": given["margin"],
            "cost": round(cost * minor_units(self.currency)) or None if cost else None,
            "currency": self.currency,
        }


class NameForm(forms.Form):
    """What a scenario is called."""

    # what is typed here stays when a lever is moved and the part around it is exchanged
    name = forms.CharField(
        label=_("Name of the scenario"),
        max_length=120,
        widget=forms.TextInput({"hx-preserve": "true"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
