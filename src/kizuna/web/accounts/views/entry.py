"""Pages for coming in and going out."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts import queries
from kizuna.web.accounts.forms import CodeForm, JoinForm, SignInForm
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, public, requires
from kizuna.web.accounts.services import entry
from kizuna.web.accounts.services.attempts import TooManyAttemptsError
from kizuna.web.accounts.services.held import HELD, held_form
from kizuna.web.accounts.services.set_up import SetUpIsClosedError, set_up

NEXT = "next"


@public
@never_cache
@sensitive_post_parameters()
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for address and password."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = entry.sign_in(request=request, **form.cleaned_data)
        except entry.NotRecognisedError:
            form.add_error(None, _("The address or the password is not right."))
        except TooManyAttemptsError:
            return _too_many(request, "accounts/sign_in.html", form)
        else:
            return redirect(_next(request) if done else _with_next(request, "accounts:code"))
    return render(request, "accounts/sign_in.html", _context(request, form))


@public
@never_cache
@sensitive_post_parameters()
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor."""
    if entry.pending_person(request) is None:
        return redirect(_with_next(request, "accounts:sign_in"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entry.sign_in_code(request=request, code=form.cleaned_data["code"])
        except entry.NotRecognisedError:
            form.add_error("code", _("This code is not right, or it was used already."))
        except TooManyAttemptsError:
            return _too_many(request, "accounts/code.html", form)
        else:
            return redirect(_next(request))
    return render(request, "accounts/code.html", _context(request, form))


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    entry.sign_out(request=request)
    return redirect("accounts:sign_in")


@public
@never_cache
@sensitive_post_parameters()
def first_start(request: HttpRequest) -> HttpResponse:
    """Make the owner; only while there is nobody."""
    if not queries.set_up_is_open():
        return redirect("accounts:sign_in")
    start = {"language": (get_language() or "en")[:2], "timezone": "UTC"}
    form = JoinForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "again"}
        try:
            owner = set_up(request=request, **given)
        except SetUpIsClosedError:
            return redirect("accounts:sign_in")
        entry.enter(request=request, person=owner, how="set-up")
        return redirect("/")
    return render(request, "accounts/set_up.html", {"form": form})


@requires(Role.VIEWER)
@require_safe
def resume(request: HttpRequest) -> HttpResponse:
    """Show the form that was cut off by the end of a session, to be sent once more."""
    form = held_form(request=request, person=person_of(request))
    return render(request, "accounts/resume.html", {"held": form}) if form else redirect("/")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get(NEXT) or request.GET.get(NEXT) or ""
    fine = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if fine else "/"


def _with_next(request: HttpRequest, name: str) -> str:
    wanted = _next(request)
    return resolve_url(name) + (f"?{urlencode({NEXT: wanted})}" if wanted != "/" else "")


def _context(request: HttpRequest, form: object) -> dict[str, object]:
    provider = settings.OIDC_NAME if settings.OIDC_SERVER else ""
    return {
        "form": form,
        "next": _next(request),
        "provider": provider,
        "held": HELD in request.session,
    }


def _too_many(request: HttpRequest, template: str, form: SignInForm | CodeForm) -> HttpResponse:
    form.add_error(None, _("Too many attempts. Please wait 15 minutes, then try again."))
    return render(request, template, _context(request, form), status=429)
