"""A forgotten password: asking for a link, handing one over, and using it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kizuna.web.accounts.forms import AddressForm, ChosenPasswordForm
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, public, requires
from kizuna.web.accounts.services import reset
from kizuna.web.accounts.services.attempts import TooManyAttemptsError
from kizuna.web.accounts.views.profile import too_many


@public
@never_cache
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; without mail, say whom to ask."""
    form = AddressForm(request.POST or None)
    status, by_mail, asked = 200, bool(settings.SMTP_HOST), False
    if request.method == "POST" and by_mail and form.is_valid():
        try:
            reset.ask(request=request, email=form.cleaned_data["email"])
            asked = True
        except TooManyAttemptsError:
            form.add_error(None, too_many())
            status = 429
    shown = {"form": form, "by_mail": by_mail, "asked": asked}
    return render(request, "accounts/forgotten.html", shown, status=status)


@public
@never_cache
@sensitive_post_parameters()
def new_password(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Choose a new password by a link."""
    try:
        return _choose(request, key, token)
    except reset.NoLinkError:
        return render(request, "accounts/no_link.html", status=410)


@requires(Role.MANAGER)
@require_POST
def reset_link(request: HttpRequest, person_id: int) -> HttpResponse:
    """Make a link for someone of the team, shown this once."""
    person, link = reset.make_link(actor=person_of(request), person_id=person_id, request=request)
    return render(request, "accounts/reset_link.html", {"person": person, "link": link})


def _choose(request: HttpRequest, key: str, token: str) -> HttpResponse:
    person = reset.person_of_link(key=key, token=token)
    form = ChosenPasswordForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        reset.set_password(request=request, key=key, token=token, password=form.cleaned_data["new"])
        messages.success(request, _("Your new password is set. Sign in with it."))
        return redirect("accounts:sign_in")
    return render(request, "accounts/new_password.html", {"form": form})
