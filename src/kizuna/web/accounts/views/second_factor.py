"""Switching the second factor on and off."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from kizuna.web.accounts import queries
from kizuna.web.accounts.forms import CodeForm, PasswordForm
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.accounts.services import second_factor as services
from kizuna.web.accounts.services.attempts import TooManyAttemptsError, WrongPasswordError
from kizuna.web.accounts.views.profile import too_many
from kizuna.web.accounts.views.tabs import tabs


@requires(Role.VIEWER)
@sensitive_post_parameters()
def second_factor(request: HttpRequest) -> HttpResponse:
    """Show whether it is on; switch it on, or off, or renew the recovery codes."""
    person = person_of(request)
    factor, left = queries.second_factor_of(person)
    if factor is None:
        return _off(request, person)
    return _on(request, person, {"factor": factor, "left": left, "tabs": tabs(request)})


def _off(request: HttpRequest, person: Person) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            codes = services.switch_on(request=request, person=person, code=code)
        except services.WrongCodeError:
            form.add_error("code", _("This code does not fit. Is the clock of your device right?"))
        else:
            return _show_codes(request, codes)
    secret, picture = services.begin(request=request, person=person)
    shown = {"form": form, "secret": secret, "picture": picture, "tabs": tabs(request)}
    return render(request, "accounts/second_factor_off.html", shown)


def _on(request: HttpRequest, person: Person, shown: dict[str, object]) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["password"]
        try:
            if "renew" in request.POST:
                codes = services.renew_recovery_codes(
                    request=request, person=person, password=given
                )
                return _show_codes(request, codes)
            services.switch_off(request=request, person=person, password=given)
        except WrongPasswordError:
            form.add_error("password", _("This is not your password."))
        except TooManyAttemptsError:
            form.add_error(None, too_many())
        else:
            messages.success(request, _("The second factor is off."))
            return redirect("accounts:second_factor")
    return render(request, "accounts/second_factor_on.html", {"form": form, **shown})


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    shown = {"codes": codes, "tabs": tabs(request)}
    return render(request, "accounts/recovery_codes.html", shown)
