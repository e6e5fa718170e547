"""Forms of events."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CorrectForm(forms.Form):
    """A message that was refused, to be corrected."""

    body = forms.CharField(
        label=_("The message"),
        help_text=_("Correct it here; it is then read as though it had come at its own time."),
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "code"}),
        max_length=500_000,
        strip=False,
    )
