"""What people fill in about health, and what the address asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.experience.health import BANDS
from kizuna.pipeline.churn_tables import KINDS

LONGEST = timedelta(days=366)
UNKNOWN = "unknown"

type Label = str | Promise

ANCHORS: Mapping[int, Label] = {
    1: gettext_lazy("1: has said that they leave, or looks for another supplier"),
    2: gettext_lazy("2: unhappy; promises to them are broken or open"),
    3: gettext_lazy("3: uses it, without being convinced"),
    4: gettext_lazy("4: content; reaches what they came for"),
    5: gettext_lazy("5: recommends us to others"),
}


class Asked:
    """Which customers, and which page of them; what makes no sense is not asked."""

    def __init__(self, query: QueryDict) -> None:
        """Read the address."""
        self.band = _one_of(query.get("band", ""), (*BANDS, UNKNOWN))
        self.kind = _one_of(query.get("kind", ""), (*KINDS, UNKNOWN))
        self.compared = _one_of(query.get("compared", ""), ("told", "computed"))
        self.moved = _one_of(query.get("moved", ""), ("fell", "rose", "down", "up"))
        owner = query.get("owner", "")
        self.owner = "" if "\x00" in owner else owner[:200]
        page = query.get("page", "1")
        self.page = int(page) if re.fullmatch(r"[1-9]\d{0,4}", page, re.ASCII) else 1


class RatingForm(forms.Form):
    """The manager's own rating, with its anchors."""

    rating = forms.TypedChoiceField(
        label=gettext_lazy("Your own rating"), choices=[("", "–"), *ANCHORS.items()], coerce=int
    )
    reason = forms.CharField(
        label=gettext_lazy("What you base it on"), max_length=500, required=False
    )


class OverrideForm(forms.Form):
    """Health set by hand: with a reason, and a day on which it ends."""

    health = forms.IntegerField(
        label=gettext_lazy("Health set by hand (0 to 100, 100 = healthy)"),
        min_value=0,
        max_value=100,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)
    until_on = forms.DateField(
        label=gettext_lazy("Until"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("From the day after, what is computed counts again."),
    )

    def clean_until_on(self) -> Any:
        """Check that it ends, and not too far away."""
        day, today = self.cleaned_data["until_on"], timezone.localdate()
        if not today <= day <= today + LONGEST:
            raise forms.ValidationError(_("Choose a day from today to a year ahead."))
        return day


class BandsForm(forms.Form):
    """From which health customers are to be watched, and from which they are healthy, by kind."""

    def __init__(self, given: QueryDict | None, *, limits: Mapping[str, tuple[float, ...]]) -> None:
        super().__init__(given)
        for kind, label in _kinds().items():
            for place, said in enumerate((_("watch from"), _("healthy from"))):
                self.fields[f"{kind}_{place}"] = forms.FloatField(
                    label=f"{label}: {said}",
                    min_value=0.1,
                    max_value=100,
                    initial=limits[kind][place],
                )

    def clean(self) -> dict[str, Any]:
        """Check that healthy begins above what is to be watched."""
        given = self.cleaned_data
        for kind in KINDS:
            low, high = given.get(f"{kind}_0"), given.get(f"{kind}_1")
            if low is not None and high is not None and low >= high:
                self.add_error(f"{kind}_1", _("Healthy begins above what is to be watched."))
        return given

    @property
    def limits(self) -> dict[str, list[float]]:
        """Give them by kind."""
        return {kind: [self.cleaned_data[f"{kind}_{k}"] for k in (0, 1)] for kind in KINDS}


def _kinds() -> dict[str, str]:
    return {"contract": _("With a contract"), "purchase": _("Buyers without a contract")}


def _one_of(text: str, known: tuple[str, ...]) -> str:
    return text if text in known else ""
