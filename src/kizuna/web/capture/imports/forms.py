"""What people fill in to bring a file in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.imports import files
from kizuna.web.capture.imports.files import SUFFIXES
from kizuna.web.capture.imports.wording import LABELS

NEEDED = ("customer", "date")


class UploadForm(forms.Form):
    """A file from the person's own computer."""

    file = forms.FileField(
        label=_("File of orders"),
        help_text=_("CSV, JSON Lines, Parquet or Excel; columns are recognised by their names."),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(SUFFIXES)}),
    )


class TakeForm(forms.Form):
    """A file from the folder that the operator allows."""

    name = forms.ChoiceField(label=_("File in the import folder"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [(n, n) for n in files.allowed()]  # type: ignore[attr-defined]


class MappingForm(forms.Form):
    """Which column of a file is which."""

    date_order = forms.ChoiceField(
        label=_("In 03/04/2026"),
        required=False,
        choices=[("", _("find out")), ("day", _("the day first")), ("month", _("the month first"))],
    )
    money = forms.RegexField(
        "^[A-Z]{3}$",
        label=_("Currency of the amounts"),
        help_text=_("A code such as JPY. Empty: as the file says, or as the orders so far."),
        required=False,
        max_length=3,
    )
    save_as = forms.CharField(
        label=_("Keep these columns under a name"),
        help_text=_("For the next file of the same kind."),
        required=False,
        max_length=100,
    )

    def __init__(self, columns: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("(none)")), *((name, name) for name in columns)]
        parts: dict[str, forms.Field] = {
            part: forms.ChoiceField(label=LABELS[part], choices=choices, required=part in NEEDED)
            for part in LABELS
        }
        self.fields = parts | self.fields

    def clean(self) -> dict[str, Any]:
        """Ask for an amount, or for what makes one."""
        given = super().clean() or {}
        if not given.get("amount") and not (given.get("quantity") and given.get("price")):
            self.add_error("amount", _("Choose the amount, or the quantity and the unit price."))
        return given

    @property
    def mapping(self) -> dict[str, Any]:
        """Give what is kept of a form that is filled in rightly."""
        given = self.cleaned_data
        return {
            "columns": {part: given.get(part) or "" for part in LABELS},
            "date_order": given.get("date_order") or None,
            "money": given.get("money") or None,
        }
