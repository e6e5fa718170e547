"""What people ask of the log, whom they keep from contacts, and the rules they set."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.gate import queries
from kizuna.web.act.gate.models import (
    LONGEST_CAP,
    Cap,
    Cause,
    Channel,
    Outcome,
    Rules,
    Scope,
)
from kizuna.web.know.profiles.queries import is_known

ANY = ("", _("any"))
PLACES: dict[tuple[str, str], Any] = {
    ("", Scope.CUSTOMER): _("A customer, all channels together"),
    ("", Scope.ACCOUNT): _("All customers of an account, all channels together"),
    (Channel.EMAIL, Scope.CUSTOMER): _("A customer, e-mail"),
    (Channel.SMS, Scope.CUSTOMER): _("A customer, SMS"),
    (Channel.LINE, Scope.CUSTOMER): _("A customer, LINE"),
    (Channel.PHONE, Scope.CUSTOMER): _("A customer, telephone"),
    (Channel.POST, Scope.CUSTOMER): _("A customer, post"),
    (Channel.PUSH, Scope.CUSTOMER): _("A customer, push notices"),
    (Channel.ON_SITE, Scope.CUSTOMER): _("A customer, messages on the web site"),
}
"""Where a cap may be set."""


class LogForm(forms.Form):
    """What is looked for in the log."""

    customer = forms.CharField(label=_("Customer"), required=False, max_length=200)
    outcome = forms.ChoiceField(
        label=_("What became of it"), required=False, choices=[ANY, *Outcome.choices]
    )
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[ANY, *Channel.choices])
    action = forms.ChoiceField(label=_("Customer action"), required=False)
    since = forms.DateField(
        label=_("From this day on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        some = [(str(action.pk), action.name) for action in queries.actions()]
        choices = self.fields["action"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [ANY, *some]

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked; what cannot be read asks for nothing."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


class OfCustomer(forms.Form):
    """Names a customer."""

    customer_id = forms.CharField(label=_("Customer ID"), max_length=500)

    def clean_customer_id(self) -> str:
        """Refuse somebody whom nobody knows."""
        name: str = self.cleaned_data["customer_id"].strip()
        if not is_known(name):
            raise forms.ValidationError(_("There is no such customer."))
        return name


class SuppressForm(OfCustomer):
    """Whom not to contact, and why."""

    channel = forms.ChoiceField(
        label=_("Channel"), required=False, choices=[("", _("all channels")), *Channel.choices]
    )
    cause = forms.ChoiceField(label=_("Why"), choices=Cause.choices, initial=Cause.HAND)
    detail = forms.CharField(label=_("More"), max_length=300, required=False)


class ZoneForm(OfCustomer):
    """Where a customer lives."""

    zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = self.fields["zone"]
        assert isinstance(zones, forms.ChoiceField)
        names = [(name, name) for name in sorted(available_timezones())]
        zones.choices = [("", _("that of the organisation")), *names]


class RulesForm(forms.Form):
    """Quiet hours, and how often anybody is contacted: blank is no cap, and 0 is refused."""

    quiet_from = forms.TimeField(
        label=_("Quiet from"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Where the customer lives. The same time twice: never quiet."),
    )
    quiet_weekends = forms.BooleanField(label=_("Quiet at weekends"), required=False)
    quiet_holidays = forms.BooleanField(
        label=_("Quiet on holidays and days on which you are closed"), required=False
    )
    quiet_channels = forms.MultipleChoiceField(
        label=_("Quiet on these channels"),
        choices=Channel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, given: Any, *, kept: Rules, caps: list[Cap]) -> None:
        first = {name: getattr(kept, name) for name in self.base_fields}
        super().__init__(given, initial=first)
        there = {(cap.channel, cap.scope): cap for cap in caps}
        for place in PLACES:
            cap = there.get((str(place[0]), str(place[1])))
            self._add(_name(place), cap)

    def _add(self, name: str, cap: Cap | None) -> None:
        self.fields[f"{name}_count"] = _number(_("At most"), cap.count if cap else None, 10_000)
        self.fields[f"{name}_days"] = _number(_("within days"), cap.days if cap else None)

    @property
    def plain(self) -> list[Any]:
        """The fields of quiet hours."""
        return [self[name] for name in self.base_fields if name != "version"]

    @property
    def caps(self) -> list[tuple[Any, Any, Any]]:
        """Each place with its two fields."""
        return [(w, self[f"{_name(p)}_count"], self[f"{_name(p)}_days"]) for p, w in PLACES.items()]

    def clean(self) -> dict[str, Any]:
        """Refuse half a cap."""
        for place in PLACES:
            count, days = f"{_name(place)}_count", f"{_name(place)}_days"
            wrong = count in self.errors or days in self.errors
            if not wrong and bool(self.cleaned_data[count]) != bool(self.cleaned_data[days]):
                self.add_error(count, _("Give a number and days, or neither."))
        return self.cleaned_data

    @property
    def said_caps(self) -> list[dict[str, Any]]:
        """The caps that were set."""
        said = self.cleaned_data
        return [
            {
                "channel": str(place[0]),
                "scope": str(place[1]),
                "count": said[f"{_name(place)}_count"],
                "days": said[f"{_name(place)}_days"],
            }
            for place in PLACES
            if said[f"{_name(place)}_count"]
        ]


def _name(place: tuple[str, str]) -> str:
    return f"{place[0] or 'all'}_{place[1]}"


def _number(label: Any, initial: int | None, most: int = LONGEST_CAP) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        initial=initial,
        min_value=1,
        max_value=most,
        error_messages={
            "min_value": _("0 would stop everything without a word: leave it blank for no cap.")
        },
    )
