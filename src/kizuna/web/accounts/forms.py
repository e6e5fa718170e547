"""What people type about people."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from kizuna.web.accounts.models import Organisation, Person, Role, Scope

TIMEZONES = sorted(available_timezones() - {"localtime", "Factory"})


def password_field(label: Any, *, new: bool = False) -> forms.CharField:
    """Give a field for a password that is in use, or for a new one."""
    complete = "new-password" if new else "current-password"
    widget = forms.PasswordInput(attrs={"autocomplete": complete})
    return forms.CharField(label=label, widget=widget, strip=False, max_length=1000)


def code_field() -> forms.CharField:
    """Give a field for a code of an app, or a recovery code."""
    attrs = {"autocomplete": "one-time-code", "autofocus": True}
    return forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput(attrs=attrs))


class SignInForm(forms.Form):
    """Address and password."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = password_field(_("Password"))


class CodeForm(forms.Form):
    """The second factor."""

    code = code_field()


class PasswordForm(forms.Form):
    """The password once more, before something grave."""

    password = password_field(_("Your password"))


class PlaceForm(forms.Form):
    """How the application speaks to a person."""

    name = forms.CharField(
        label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=[(zone, zone) for zone in TIMEZONES])


class JoinForm(PlaceForm):
    """A new person: who they are, and the password they will use."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = password_field(_("Password"), new=True)
    again = password_field(_("Password again"), new=True)
    field_order = ("name", "email", "password", "again", "language", "timezone")

    def clean(self) -> dict[str, Any]:
        """Both passwords are alike and good enough for this person."""
        given = super().clean() or {}
        person = Person(email=given.get("email", ""), name=given.get("name", ""))
        check_new_password(self, given.get("password"), given.get("again"), person)
        return given


class NewPasswordForm(forms.Form):
    """A new password, with the one in use."""

    password = password_field(_("Your password"))
    new = password_field(_("New password"), new=True)
    again = password_field(_("New password again"), new=True)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        """The new ones are alike and good enough; the one in use is checked where tries count."""
        given = super().clean() or {}
        check_new_password(self, given.get("new"), given.get("again"), self.person, name="new")
        return given


class AddressForm(forms.Form):
    """Where the link for a new password goes."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class ChosenPasswordForm(forms.Form):
    """A new password, in place of one that was forgotten."""

    new = password_field(_("New password"), new=True)
    again = password_field(_("New password again"), new=True)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        """Both are alike and good enough for this person."""
        given = super().clean() or {}
        check_new_password(self, given.get("new"), given.get("again"), self.person, name="new")
        return given


def check_new_password(
    form: forms.Form,
    password: str | None,
    again: str | None,
    person: Person,
    name: str = "password",
) -> None:
    """Note on the form what is wrong with a new password."""
    if not password:
        return
    if again and password != again:
        form.add_error("again", _("The two passwords differ."))
    try:
        validate_password(password, person)
    except ValidationError as error:
        form.add_error(name, error)


class RoleForm(forms.Form):
    """A role that the giver may give."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)

    def __init__(self, *args: Any, giver: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Role(giver.role)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.value, role.label) for role in Role if own.covers(role)
        ]


class InviteForm(RoleForm):
    """Whom to invite, as what."""

    note = forms.CharField(label=_("For whom"), max_length=200, required=False)
    field_order = ("note", "role")


class KeyForm(forms.Form):
    """A key and what it may do: of that which its maker may do."""

    name = forms.CharField(label=_("What it is for"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, maker: Person, *told: Any) -> None:
        super().__init__(*told)
        field = cast("forms.MultipleChoiceField", self.fields["scopes"])
        field.choices = [(s.value, s.label) for s in Scope if maker.may(s.role)]


class TrailForm(forms.Form):
    """Which entries of the audit log to show."""

    who = forms.ModelChoiceField(
        label=_("Who"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("Everyone"),
    )
    action = forms.CharField(label=_("Action starts with"), max_length=100, required=False)
    text = forms.CharField(label=_("Contains"), max_length=200, required=False)
    since = forms.DateField(
        label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.order_by("name")
        self.fields["who"].queryset = people  # type: ignore[attr-defined]


MONTH_NAMES = [(number, name) for number, name in sorted(MONTHS.items())]
SHARES = {"margin": "margin_percent", "discount": "discount_percent"}


class OrganisationForm(forms.Form):
    """How the organisation counts; shares are typed as percentages."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=200, required=False)
    fiscal_year_start = forms.TypedChoiceField(
        label=_("First month of the fiscal year"), choices=MONTH_NAMES, coerce=int
    )
    margin_percent = forms.FloatField(
        label=_("Margin, in % of revenue"),
        min_value=0.01,
        max_value=100,
        help_text=_("What you keep of each sale after the cost of goods and delivery."),
    )
    horizon_days = forms.IntegerField(
        label=_("Horizon, in days"),
        min_value=1,
        max_value=3650,
        help_text=_("How far ahead the value of a customer is counted: 365 is a year."),
    )
    discount_percent = forms.FloatField(
        label=_("Discount, in % a year"),
        min_value=0,
        max_value=100,
        help_text=_("How much less money is worth that comes a year later."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, now: Organisation) -> None:
        super().__init__(data, initial=_typed(now))

    def as_change(self) -> dict[str, Any]:
        """Give what the service takes: the version that was seen, and the values."""
        given = dict(self.cleaned_data)
        version = given.pop("version")
        for name, typed in SHARES.items():
            given[name] = round(given.pop(typed) / 100, 6)
        return {"version": version, "values": given}

    def beside(self, current: Organisation) -> OrganisationForm:
        """Give the form with what was typed, and beside each field what another made of it."""
        again = OrganisationForm(
            {**{name: self.data[name] for name in self.fields}, "version": current.version},
            now=current,
        )
        again.full_clean()
        who = current.changed_by.name if current.changed_by else "–"
        told = _("%(name)s changed these settings meanwhile. Compare, then save again.")
        again.add_error(None, told % {"name": who})
        for name, value in _typed(current).items():
            if name in self.fields and name != "version" and self.cleaned_data[name] != value:
                again.add_error(name, _("It is now: %(value)s") % {"value": value or "–"})
        return again


def _typed(now: Organisation) -> dict[str, Any]:
    """Give the values as people type them."""
    return {
        "name": now.name,
        "fiscal_year_start": now.fiscal_year_start,
        "margin_percent": _percent(now.margin),
        "horizon_days": now.horizon_days,
        "discount_percent": _percent(now.discount),
        "version": now.version,
    }


def _percent(share: float) -> float | int:
    """Write 0.3 as 30, not as 30.0."""
    percent = round(share * 100, 4)
    return int(percent) if percent == int(percent) else percent
