"""What people fill in about databases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.imports.models import Table
from kizuna.web.capture.sources import queries
from kizuna.web.capture.sources.models import Every, Kind, Security, Source


class ConnectionForm(forms.Form):
    """Where a database is and who reads it."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As your team calls it."))
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    host = forms.CharField(
        label=_("Host"),
        max_length=255,
        required=False,
        help_text=_("Name or address of the server; nothing for SQLite."),
    )
    port = forms.IntegerField(
        label=_("Port"),
        min_value=1,
        max_value=65535,
        required=False,
        help_text=_("Empty: the usual one."),
    )
    database = forms.CharField(
        label=_("Database"),
        max_length=255,
        help_text=_("For SQLite the name of a file in the import folder of the server."),
    )
    user = forms.CharField(
        label=_("User"),
        max_length=128,
        required=False,
        help_text=_("Best one of its own that may read and nothing else."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        required=False,
        strip=False,
        help_text=_("Kept encrypted and never shown. When changing: empty keeps the former one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    security = forms.ChoiceField(label=_("Connection"), choices=Security.choices)

    def __init__(self, *args: Any, pk: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pk = pk

    def clean_name(self) -> str:
        """Refuse a name that another connection has."""
        name: str = self.cleaned_data["name"]
        if queries.is_taken(name, but_for=self.pk):
            raise forms.ValidationError(_("Another connection has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Ask for a host, where there is one."""
        given = super().clean() or {}
        if given.get("kind") == Kind.SQLITE:
            given |= {"host": "", "port": None, "user": "", "password": ""}
        elif not given.get("host"):
            self.add_error("host", _("Say where the server is."))
        return given

    def said(self) -> dict[str, Any]:
        """Give what is kept, apart from the password."""
        return {name: value for name, value in self.cleaned_data.items() if name != "password"}


class SourceForm(forms.Form):
    """What is read, how rows are told apart, and when."""

    what = forms.ChoiceField(label=_("Table"), required=False)
    query = forms.CharField(
        label=_("Or a query"),
        required=False,
        max_length=20_000,
        strip=True,
        help_text=_("One SELECT. The database itself refuses everything else."),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "dir": "ltr"}),
    )
    key = forms.CharField(
        label=_("Columns that tell rows apart"),
        required=False,
        max_length=500,
        help_text=_(
            "With commas between them. Empty: the table's own key. With a key, a reading that "
            "breaks off goes on where it was."
        ),
    )
    since = forms.CharField(
        label=_("Column that says what is new"),
        required=False,
        max_length=128,
        help_text=_(
            "A moment of change or a growing number: only rows from the last value on are read "
            "the next time. Empty: everything is read each time."
        ),
    )
    rows_are = forms.ChoiceField(label=_("The rows are"), choices=Table.choices)
    every = forms.ChoiceField(label=_("How often"), required=False, choices=Every.choices)
    hour = forms.TypedChoiceField(
        label=_("At, where every day"),
        coerce=int,
        choices=[(hour, f"{hour}:00") for hour in range(24)],
        help_text=_("By the organisation's clock."),
    )
    at_once = forms.BooleanField(
        label=_("Import without asking, once the columns of a first import were confirmed"),
        required=False,
    )

    def __init__(self, tables: list[tuple[str, ...]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tables = {".".join(table): table for table in tables}
        choices = [("", _("(a query)")), *((name, name) for name in self.tables)]
        self.fields["what"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for a table or a query, and not for both."""
        given = super().clean() or {}
        if "what" in given and bool(given.get("what")) == bool(given.get("query")):
            self.add_error("query", _("Choose a table or write a query, one of the two."))
        return given

    def said(self) -> dict[str, Any]:
        """Give what is kept."""
        given = dict(self.cleaned_data)
        *schema, table = self.tables.get(given.pop("what"), ("",))
        key = [part for item in given["key"].split(",") if (part := item.strip())]
        return given | {"schema": ".".join(schema), "table": table, "key": key}


def initial_of(source: Source) -> dict[str, Any]:
    """Say what the form begins with for a source that is there."""
    kept = ("query", "since", "rows_are", "every", "hour", "at_once")
    what = "" if source.query else source.name
    values = {name: getattr(source, name) for name in kept}
    return values | {"what": what, "key": ", ".join(source.key)}
