"""What people say about offers and their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kizuna.experiments.allocation import LEAST_EXPLORED
from kizuna.pipeline.parameters import minor_units
from kizuna.web.act.actions.amounts import close_until_known
from kizuna.web.act.actions.forms import PERCENT, Percent
from kizuna.web.act.actions.models import Action
from kizuna.web.know.segments.models import Segment
from kizuna.web.measure.next_best import queries
from kizuna.web.measure.next_best.models import Limits, Offer
from kizuna.web.measure.next_best.services import MOST_AT_ONCE

MOST_MONEY = 10**12
if TYPE_CHECKING:
    Choice = forms.ModelChoiceField[Offer]
else:
    Choice = forms.ModelChoiceField


class _ByName(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among things that have names."""

    def label_from_instance(self, obj: Any) -> str:
        """Show the name alone."""
        return str(obj.name)


class OfferForm(forms.Form):
    """An action that may be chosen."""

    action = _ByName(Action.objects.none(), label=_("Customer action"))
    segment = _ByName(
        Segment.objects.none(),
        label=_("Offered to"),
        required=False,
        empty_label=_("Everyone"),
        help_text=_("A segment, as its last rebuild found it."),
    )
    capacity = forms.IntegerField(
        label=_("How many customers can have it"),
        min_value=1,
        max_value=100_000_000,
        required=False,
        help_text=_("Hands there are between two computations; empty: no limit."),
    )
    minutes = forms.FloatField(
        label=_("Minutes of a person"),
        min_value=0,
        max_value=10_000,
        required=False,
        help_text=_("They cost what the action says a minute costs."),
    )

    def __init__(self, given: QueryDict | None = None) -> None:
        """Offer the actions that are live and the segments there are."""
        super().__init__(given)
        for name, chosen in (
            ("action", queries.offerable()),
            ("segment", Segment.objects.order_by("name")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = chosen

    @property
    def said(self) -> dict[str, Any]:
        """What was said."""
        return self.cleaned_data | {"minutes": self.cleaned_data["minutes"] or 0.0}


class LimitsForm(forms.Form):
    """What may be spent, and what chance's share is."""

    budget = forms.FloatField(
        label=_("Budget"),
        min_value=0,
        max_value=MOST_MONEY,
        required=False,
        help_text=_("For everything that is proposed at one time; empty: no limit."),
    )
    explored = Percent(
        label=_("Left to chance, in percent"),
        min_value=LEAST_EXPLORED * PERCENT,
        max_value=50,
        help_text=_("Of all proposals, so that learning goes on: 5 % at least."),
    )

    def __init__(self, given: QueryDict | None, *, kept: Limits, currency: str) -> None:
        """Begin with what is set."""
        self.minor = minor_units(currency or "XXX")
        budget = None if kept.budget is None else kept.budget / self.minor
        plain = int(budget) if budget is not None and budget == int(budget) else budget
        super().__init__(given, initial={"budget": plain, "explored": kept.explored})
        close_until_known(self, ("budget",), currency)

    @property
    def said(self) -> dict[str, Any]:
        """What was said, with the budget in the minor unit."""
        told = self.cleaned_data
        budget = None if told["budget"] is None else round(told["budget"] * self.minor)
        return {"budget": budget, "explored": told["explored"]}


class OfferChoice(Choice):
    """A choice among offers, each called as its action."""

    def label_from_instance(self, obj: Offer) -> str:
        """Name an offer."""
        return obj.action.name


class HandOutForm(forms.Form):
    """Of which action tasks are to be opened, and how many."""

    offer = OfferChoice(Offer.objects.none(), label=_("Customer action"), empty_label=None)
    many = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_AT_ONCE, initial=20)

    def __init__(self, given: QueryDict | None = None) -> None:
        """Offer what is on offer."""
        super().__init__(given)
        field = self.fields["offer"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queries.offers()


def action(data: QueryDict) -> str:
    """Read the action whose proposals are asked for."""
    asked = data.get("action", "")
    return asked if asked.isdecimal() and len(asked) < 12 else ""


def page(data: QueryDict) -> int:
    """Read which page is asked for."""
    asked = data.get("page", "")
    return max(int(asked), 1) if asked.isdecimal() and len(asked) < 8 else 1
