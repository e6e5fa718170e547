"""A person's own pages: profile, password, where they are signed in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import check_for_language, override
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from kizuna.web.accounts import queries
from kizuna.web.accounts.forms import NewPasswordForm, PlaceForm
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.permissions import person_of, public, requires
from kizuna.web.accounts.services import profile as services
from kizuna.web.accounts.services.attempts import TooManyAttemptsError, WrongPasswordError
from kizuna.web.accounts.views.tabs import tabs


@requires(Role.VIEWER)
def profile(request: HttpRequest) -> HttpResponse:
    """Change name, language and time zone."""
    person = person_of(request)
    now = {"name": person.name, "language": person.language, "timezone": person.timezone}
    form = PlaceForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        services.save_profile(actor=person, request=request, **form.cleaned_data)
        with override(person.language):
            messages.success(request, _("Your profile is saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form, "tabs": tabs(request)})


@requires(Role.VIEWER)
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """Change the password."""
    person = person_of(request)
    form = NewPasswordForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        old, new = form.cleaned_data["password"], form.cleaned_data["new"]
        try:
            services.change_password(request=request, actor=person, password=old, new=new)
        except WrongPasswordError:
            form.add_error("password", _("This is not your password."))
        except TooManyAttemptsError:
            form.add_error(None, too_many())
        else:
            messages.success(request, _("Your password is changed; other browsers are signed out."))
            return redirect("accounts:password")
    return render(request, "accounts/password.html", {"form": form, "tabs": tabs(request)})


@requires(Role.VIEWER)
def sessions(request: HttpRequest) -> HttpResponse:
    """List where the person is signed in."""
    places = queries.places(person_of(request), request.session.session_key)
    return render(request, "accounts/sessions.html", {"places": places, "tabs": tabs(request)})


@requires(Role.VIEWER)
@require_POST
def end_session(request: HttpRequest, handle: str) -> HttpResponse:
    """Sign out one other browser."""
    services.end_session(request=request, actor=person_of(request), handle=handle)
    messages.success(request, _("That browser is signed out."))
    return redirect("accounts:sessions")


@requires(Role.VIEWER)
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    services.end_other_sessions(request=request, actor=person_of(request))
    messages.success(request, _("All other browsers are signed out."))
    return redirect("accounts:sessions")


@requires(Role.VIEWER)
@require_POST
def end_all_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere."""
    services.end_all_sessions(request=request, actor=person_of(request))
    return redirect("accounts:sign_in")


@public
@require_POST
def speak(request: HttpRequest) -> HttpResponse:
    """Change the language: of this browser, and of the person who is signed in."""
    language, person = request.POST.get("language", ""), request.user
    known = language in dict(settings.LANGUAGES) and check_for_language(language)
    if known and isinstance(person, Person):
        services.save_profile(
            actor=person,
            name=person.name,
            language=language,
            timezone=person.timezone,
            request=request,
        )
    return set_language(request)


def too_many() -> str:
    """Say that one has to wait."""
    return _("Too many attempts. Please wait 15 minutes, then try again.")
