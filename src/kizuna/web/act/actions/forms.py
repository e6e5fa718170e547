"""What people say about an action, its shares, a decision, and the global control."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.parameters import minor_units
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import queries
from kizuna.web.act.actions.amounts import close_until_known
from kizuna.web.act.actions.models import (
    LEAST_MONTHS,
    LEAST_SHARE,
    MOST_HELD_OUT,
    MOST_MONTHS,
    MOST_SHARE,
    Action,
    Kind,
    Unit,
)
from kizuna.web.act.actions.services import BEFORE, FIXED_ONCE_LIVE
from kizuna.web.know.profiles.queries import team

MONEY = ("cost_per_unit", "cost_per_minute", "worth")
BY_ITSELF = (Kind.SURVEY, Kind.ON_SITE, Kind.PLAYBOOK, Kind.CAMPAIGN)
"""Kinds that come into the register by themselves, with what is behind them."""
PERCENT = 100.0
LONGEST = 1_000


class Percent(forms.FloatField):
    """A share, written as a percentage."""

    def prepare_value(self, value: Any) -> Any:
        """Write a share."""
        return round(value * PERCENT, 4) if isinstance(value, float) else value

    def clean(self, value: Any) -> Any:
        """Read a percentage."""
        found = super().clean(value)
        return None if found is None else found / PERCENT


class ActionForm(forms.Form):
    """What an action is, what it costs, and what its experiment rests on."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    purpose = forms.CharField(
        label=_("What it is for"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text=_("What it is to bring about, and why you expect that."),
    )
    owner = forms.ModelChoiceField(
        Person.objects.none(), label=_("Owner"), required=False, empty_label=_("nobody yet")
    )
    is_optional = forms.BooleanField(
        label=_("Optional: not owed to the customer"),
        required=False,
        help_text=_("Notices of service and of law are not: they reach everyone, held out or not."),
    )
    cost_per_unit = forms.FloatField(
        label=_("Cost of one"),
        min_value=0,
        help_text=_("Each time it is done: postage, a message, a present."),
    )
    cost_per_minute = forms.FloatField(
        label=_("Cost of a minute"), min_value=0, help_text=_("Of a person who works on it.")
    )
    worth = forms.FloatField(
        label=_("Smallest effect that matters, a customer"),
        required=False,
        min_value=0,
        help_text=_("In margin. Left empty, it has to earn the cost of one."),
    )
    horizon_days = forms.TypedChoiceField(
        label=_("Judged after"),
        coerce=int,
        choices=[(28, _("28 days")), (90, _("90 days")), (180, _("180 days")), (365, _("a year"))],
    )
    unit = forms.ChoiceField(
        label=_("Chance places"),
        choices=Unit.choices,
        help_text=_("Where colleagues talk to each other, place accounts."),
    )
    always_on = forms.TypedChoiceField(
        label=_("How it runs"),
        coerce=lambda text: text == "1",
        choices=[("1", _("always, looked at any time")), ("0", _("once, looked at after its end"))],
    )
    planned_units = forms.IntegerField(
        label=_("Customers expected"),
        min_value=0,
        max_value=2_000_000_000,
        required=False,
        help_text=_("Who will become eligible, the held out among them; 0 where nobody knows."),
    )

    def __init__(
        self,
        given: Any,
        *,
        found: Action | None = None,
        currency: str = "",
        owner: Person | None = None,
    ) -> None:
        self.found, self.minor = found, minor_units(currency or "XXX")
        self.first_owner = owner
        super().__init__(given, initial=self._first())
        close_until_known(self, MONEY, currency)
        people = self.fields["owner"]
        assert isinstance(people, forms.ModelChoiceField)
        people.queryset = team()
        if found is None:
            by_hand = [(value, label) for value, label in Kind.choices if value not in BY_ITSELF]
            self.fields["kind"].choices = by_hand  # type: ignore[attr-defined]
        if found is not None and found.state not in BEFORE:
            for name in FIXED_ONCE_LIVE:
                self.fields[name].disabled = True

    def _first(self) -> dict[str, Any]:
        kept = self.found or Action(worth=None, owner=self.first_owner)
        first = {name: getattr(kept, name) for name in self.base_fields}
        money = {name: _plain(getattr(kept, name), self.minor) for name in MONEY}
        return first | money | {"always_on": "1" if kept.always_on else "0"}

    def clean_name(self) -> str:
        """Refuse a name that another action has."""
        name: str = self.cleaned_data["name"].strip()
        if queries.is_taken(name, but_for=self.found.pk if self.found else None):
            raise ValidationError(_("Another action has this name."))
        return name

    @property
    def said(self) -> dict[str, Any]:
        """What was said, with amounts in the minor unit."""
        told = dict(self.cleaned_data)
        told |= {n: told[n] * self.minor for n in MONEY if told.get(n) is not None}
        return told | {"planned_units": told.get("planned_units") or 0}


class ShareForm(forms.Form):
    """How many are held out from now on, and why."""

    holdout = Percent(
        label=_("Held out, in percent"), min_value=0, max_value=MOST_HELD_OUT * PERCENT
    )
    why = forms.CharField(label=_("Why"), max_length=LONGEST, required=False)


class WhyForm(forms.Form):
    """Why an action is begun, paused or ended."""

    why = forms.CharField(
        label=_("Why"),
        max_length=LONGEST,
        required=False,
        help_text=_("Kept in the log of decisions."),
    )


class ProgrammeForm(forms.Form):
    """How many customers nothing optional reaches, and for how long."""

    is_on = forms.BooleanField(label=_("Leave some customers alone altogether"), required=False)
    share = Percent(
        label=_("Share left alone, in percent"),
        min_value=LEAST_SHARE * PERCENT,
        max_value=MOST_SHARE * PERCENT,
        help_text=_("2 to 5 %. From now on; who was left alone in this turn stays so."),
    )
    months = forms.IntegerField(
        label=_("Months until others take their turn"),
        min_value=LEAST_MONTHS,
        max_value=MOST_MONTHS,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


def _plain(amount: float | None, minor: int) -> str:
    """Write an amount of minor units in the major one, as a field has it."""
    return "" if amount is None else f"{amount / minor:.10g}"
