"""What people fill in to bring a file in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.imports import files, loads, parts
from kizuna.web.capture.imports.files import SUFFIXES
from kizuna.web.capture.imports.models import Table

type Choices = list[tuple[str, str | Promise]]

POLICIES: Choices = [
    ("overwrite", _("take what the file says")),
    ("fill_blanks", _("fill in only what is empty")),
    ("skip", _("leave it as it is")),
]


def tables() -> Choices:
    """Name the tables that files may be of."""
    return [(name, Table(name).label) for name in loads.LOGS]


class UploadForm(forms.Form):
    """A file from the person's own computer."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, JSON Lines, Parquet or Excel; columns are recognised by their names."),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(SUFFIXES)}),
    )
    table = forms.ChoiceField(label=_("What is in it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "table", [("", _("find out")), *tables()])


class TakeForm(forms.Form):
    """A file from the folder that the operator allows."""

    name = forms.ChoiceField(label=_("File in the import folder"))
    table = forms.ChoiceField(label=_("What is in it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "name", [(n, n) for n in files.allowed()])
        _choose(self, "table", [("", _("find out")), *tables()])


class LookForm(forms.Form):
    """Which table a file is of, and which of its sheets is meant."""

    table = forms.ChoiceField(label=_("What is in the file"))
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)

    def __init__(self, sheets: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "table", tables())
        _choose(self, "sheet", [(name, name) for name in sheets])
        if len(sheets) < 2:
            del self.fields["sheet"]


class MappingForm(forms.Form):
    """Which column of a file is which, and what becomes of records that are there."""

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
    policy = forms.ChoiceField(label=_("Where a record is there already"), choices=POLICIES)
    others = forms.MultipleChoiceField(
        label=_("Further columns to keep"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    save_as = forms.CharField(
        label=_("Keep these columns under a name"),
        help_text=_("For the next file of the same kind."),
        required=False,
        max_length=100,
    )

    def __init__(self, table: str, columns: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table, own = table, self.fields
        none: Choices = [("", _("(none)")), *((name, name) for name in columns)]
        self.fields = {part: self._part(part, none) for part in parts.names(table)}
        self.fields |= self._keys() | own
        placed = {str(self.initial.get(part)) for part in parts.names(table)}
        _choose(self, "others", [(name, name) for name in columns if name not in placed])
        for name in self._needless():
            del self.fields[name]

    def _part(self, part: str, columns: Choices) -> forms.Field:
        always: Choices = [
            (value, format_lazy(_("always: {value}"), value=word))
            for value, word in parts.constants(self.table, part)
        ]
        needed = part in parts.required(self.table)
        label = parts.label(self.table, part)
        return forms.ChoiceField(label=label, choices=[*columns, *always], required=needed)

    def _keys(self) -> dict[str, forms.Field]:
        """Ask by what a record is found, where there is a choice: first, then, then."""
        known = parts.keys(self.table)
        choices: Choices = [(part, parts.label(self.table, part)) for part in known]
        asked: dict[str, forms.Field] = {}
        for place, part in enumerate(known if len(known) > 1 else ()):
            label = _("Records are found by") if not place else _("else by")
            none: Choices = [("", _("(nothing)"))] if place else []
            asked[f"key_{place}"] = forms.ChoiceField(
                label=label, choices=[*none, *choices], initial=part, required=not place
            )
        return asked

    def _needless(self) -> list[str]:
        """Name the questions that make no sense for this table."""
        names = parts.names(self.table)
        free = getattr(self.fields["others"], "choices", None)
        needless = [] if parts.keeps_more(self.table) and free else ["others"]
        needless += ["policy"] if self.table == Table.ORDERS else []
        needless += [] if "amount" in names else ["money"]
        return needless

    @property
    def groups(self) -> list[tuple[str | Promise, list[forms.BoundField]]]:
        """Give the questions in groups, each with its heading."""
        columns = [self[name] for name in parts.names(self.table)]
        asked = [f"key_{place}" for place in range(len(parts.keys(self.table)))]
        found = [self[name] for name in (*asked, "policy") if name in self.fields]
        rest = ("others", "date_order", "money", "save_as")
        more = [self[name] for name in rest if name in self.fields]
        groups = [(_("Columns"), columns), (_("Records that are there already"), found)]
        return [*(pair for pair in groups if pair[1]), (_("Further"), more)]

    def clean(self) -> dict[str, Any]:
        """Ask for an amount, or for what makes one; and for something that names the record."""
        given = super().clean() or {}
        counted = given.get("quantity") and given.get("price")
        if self.table == Table.ORDERS and not given.get("amount") and not counted:
            self.add_error("amount", _("Choose the amount, or the quantity and the unit price."))
        keys = parts.keys(self.table)
        if len(keys) > 1 and not any(given.get(key) for key in self._chosen_keys(given)):
            self.add_error(keys[0], _("Choose a column by which a record is found."))
        return given

    @property
    def mapping(self) -> dict[str, Any]:
        """Give what is kept of a form that is filled in rightly."""
        given = self.cleaned_data
        columns = {part: given.get(part) or "" for part in parts.names(self.table)}
        more, used = parts.keeps_more(self.table), set(columns.values())
        kept = {f"{more}.{name}": name for name in given.get("others", []) if name not in used}
        return {
            "columns": columns | kept,
            "date_order": given.get("date_order") or None,
            "money": given.get("money") or None,
            "keys": [key for key in self._chosen_keys(given) if columns.get(key)],
            "policy": given.get("policy") or "overwrite",
        }

    def _chosen_keys(self, given: dict[str, Any]) -> list[str]:
        known = parts.keys(self.table)
        said = [given.get(f"key_{place}") or "" for place in range(len(known))]
        return list(dict.fromkeys(key for key in said if key)) or list(known)


def _choose(form: forms.Form, name: str, choices: Choices) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]
