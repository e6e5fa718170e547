"""Who may open a page: every view of the project is `public` or `requires` a role.

A test walks over all addresses and fails for a view with neither.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control

from kizuna.web.accounts.models import Person, Role, Scope
from kizuna.web.accounts.services.held import hold

type View = Callable[..., HttpResponseBase]

PUBLIC = "public"


def public[V: View](view: V) -> V:
    """Mark a view that anyone may open."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def requires(role: Role) -> Callable[[View], View]:
    """Open a view to those who hold `role` or a higher one.

    Who is not signed in is sent to sign in; who is, but may not, is refused with 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if not person_of(request).may(role):
                raise PermissionDenied
            return _kept_private(view(request, *args, **kwargs))

        guarded.access = role  # type: ignore[attr-defined]
        return guarded

    return decorate


def person_of(request: HttpRequest) -> Person:
    """Give who is signed in; for views that require a role."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


def access_of(view: object) -> Role | Scope | str | None:
    """Tell the rule of a view: a role, the scope of a key, public, or none."""
    access: Role | Scope | str | None = getattr(view, "access", None)
    return access


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    to_sign_in = redirect_to_login(_wanted(request))
    if getattr(request, "htmx", False):
        return HttpResponse(status=401, headers={"HX-Redirect": resolve_url(to_sign_in.url)})
    return to_sign_in


def _wanted(request: HttpRequest) -> str:
    if request.method == "GET":
        return request.get_full_path()
    # a session that ended in the middle of a form loses nothing that was typed
    return resolve_url("accounts:resume") if hold(request) else "/"


def _kept_private(response: HttpResponseBase) -> HttpResponseBase:
    """Let no cache between the application and the person keep a page."""
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, private=True, no_store=True)
    return response
