"""What a person asks of the pages of retention, read from the address."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.web.know.retention.models import ANY, ServiceRate

MEASURES = ("customers", "revenue")
SOURCES = ("published", "again")


class Asked:
    """Currency, measure, channel, forecasts and page; what makes no sense is not asked."""

    def __init__(self, query: QueryDict) -> None:
        """Read the address."""
        self.currency = query.get("currency", "")
        measure = query.get("measure", "")
        self.measure = measure if measure in MEASURES else MEASURES[0]
        self.channel = query.get("channel", "*")
        source = query.get("source", "")
        self.source = source if source in SOURCES else ""
        ahead = query.get("ahead", "")
        self.ahead = int(ahead) if re.fullmatch(r"[1-9]\d?", ahead, re.ASCII) else 0
        page = query.get("page", "1")
        self.page = int(page) if re.fullmatch(r"[1-9]\d{0,3}", page, re.ASCII) else 1


class RateForm(forms.Form):
    """What a contact on a channel costs."""

    channel = forms.CharField(
        label=gettext_lazy("Channel"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Such as phone, mail, chat or line; empty: all other channels."),
    )
    per_contact = forms.DecimalField(
        label=gettext_lazy("Cost of a contact"), min_value=0, max_digits=12, decimal_places=4
    )
    per_minute = forms.DecimalField(
        label=gettext_lazy("Cost of a minute"),
        min_value=0,
        max_digits=12,
        decimal_places=4,
        help_text=gettext_lazy("Wages and tools; it counts where the minutes are known."),
    )

    def __init__(self, given: QueryDict | None, *, kept: ServiceRate | None = None) -> None:
        """Begin from the rate that is kept."""
        initial = {"per_contact": 0, "per_minute": 0} if kept is None else _kept(kept)
        super().__init__(given, initial=initial)

    def clean_channel(self) -> str:
        """Write it as contacts have it."""
        return str(self.cleaned_data["channel"]).strip().lower() or ANY

    def clean(self) -> dict[str, Any]:
        """Check that it costs something."""
        given = self.cleaned_data
        if not self.errors and not (given["per_contact"] or given["per_minute"]):
            raise forms.ValidationError(_("Give the cost of a contact, of a minute, or both."))
        return given


def _kept(rate: ServiceRate) -> dict[str, Any]:
    channel = "" if rate.channel == ANY else rate.channel
    return {"channel": channel} | {
        name: f"{getattr(rate, name).normalize():f}" for name in ("per_contact", "per_minute")
    }
