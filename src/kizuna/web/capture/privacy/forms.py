"""What people enter about a request."""

from __future__ import annotations

from datetime import date

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.privacy.models import Kind


class RequestForm(forms.Form):
    """A request as it came in."""

    kind = forms.ChoiceField(label=_("What is asked for"), choices=Kind.choices)
    customer_id = forms.CharField(
        label=_("Customer id"),
        max_length=500,
        help_text=_(
            "As it stands on the customer's page; of a contact the e-mail address or number."
        ),
    )
    received_on = forms.DateField(
        label=_("Received on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("An answer is due a month later."),
    )
    identity_check = forms.CharField(label=_("How it was made sure who asks"), max_length=300)

    def clean_received_on(self) -> date:
        """Refuse a day that is yet to come."""
        day: date = self.cleaned_data["received_on"]
        if day > self.initial["today"]:
            raise forms.ValidationError(_("This day is yet to come."))
        return day


class RefusalForm(forms.Form):
    """Why something is refused."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


PERIODS: list[tuple[str, str | Promise]] = [
    ("", _("for ever")),
    ("1", _("1 month")),
    ("3", _("3 months")),
    ("6", _("6 months")),
    ("12", _("1 year")),
    ("24", _("2 years")),
    ("36", _("3 years")),
    ("60", _("5 years")),
    ("84", _("7 years")),
    ("120", _("10 years")),
]


class PeriodForm(forms.Form):
    """For how long something is kept."""

    months = forms.TypedChoiceField(
        label=_("Kept"), choices=PERIODS, required=False, coerce=int, empty_value=None
    )
