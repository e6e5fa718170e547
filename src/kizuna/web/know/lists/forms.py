"""What people fill in about views and bulk actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.know.lists.models import Deed
from kizuna.web.know.lists.services import MOST_AT_ONCE
from kizuna.web.know.profiles import queries as profiles

LONGEST_ID = 500


class ViewForm(forms.Form):
    """A view to keep."""

    name = forms.CharField(label=_("Name of the view"), max_length=80)
    shared = forms.BooleanField(label=_("Everyone may use it"), required=False)
    query = forms.CharField(required=False, max_length=10_000, widget=forms.HiddenInput)


class BulkForm(forms.Form):
    """What to do to which customers."""

    deed = forms.ChoiceField(label=_("What to do"), choices=Deed.choices)
    tag_name = forms.CharField(label=_("Tag"), max_length=60, required=False)
    owner_id = forms.ModelChoiceField(
        profiles.team(), label=_("Account owner"), required=False, empty_label=_("Nobody")
    )
    everyone = forms.BooleanField(required=False)
    query = forms.CharField(required=False, max_length=10_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, chosen: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = chosen or []

    def clean(self) -> dict[str, Any]:
        """A tag has a name; somebody is ticked, or everyone is meant."""
        given = super().clean() or {}
        if given.get("deed") in (Deed.TAG, Deed.UNTAG) and not given.get("tag_name"):
            self.add_error("tag_name", _("Write the name of the tag."))
        if not given.get("everyone") and not self.chosen:
            self.add_error(None, _("Tick customers first, or choose all that match."))
        if len(self.chosen) > MOST_AT_ONCE or any(len(pk) > LONGEST_ID for pk in self.chosen):
            self.add_error(None, _("Tick at most 500 customers, or choose all that match."))
        return given

    @property
    def said(self) -> dict[str, Any]:
        """What the service is asked."""
        given = self.cleaned_data
        return {
            "deed": Deed(given["deed"]),
            "query": given["query"],
            "chosen": None if given["everyone"] else self.chosen,
            "tag_name": given["tag_name"],
            "owner": given["owner_id"],
        }
