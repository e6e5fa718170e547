"""What people fill in about who is who."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 500


class PairForm(forms.Form):
    """Two customers to compare."""

    one = forms.CharField(label=_("Customer ID"), max_length=LONGEST)
    other = forms.CharField(label=_("Customer ID of the other"), max_length=LONGEST)


class MergeForm(forms.Form):
    """Who survives, and why the two are one."""

    survivor = forms.ChoiceField(label=_("Who stays"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Why they are the same"), max_length=300, required=False)

    def __init__(self, *args: Any, pair: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["survivor"].choices = pair  # type: ignore[attr-defined]
        self.fields["survivor"].initial = pair[0][0]
