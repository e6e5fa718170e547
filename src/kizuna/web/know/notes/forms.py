"""What people fill in about notes."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.know.notes.models import LONGEST


class NoteForm(forms.Form):
    """A note."""

    text = forms.CharField(
        label=_("Your note"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("Write @ and a name, and that person finds the note among their mentions."),
    )
    version = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
