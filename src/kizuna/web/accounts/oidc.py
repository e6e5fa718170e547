"""Signing in with the company's own identity provider (OpenID Connect), through django-allauth.

The provider says who someone is; only who is in the team already is let in, by an address that
the provider has verified. Nobody is created, nothing is linked or stored.
"""

from __future__ import annotations

from typing import Any, NoReturn
from urllib.parse import urlencode

from allauth.core.exceptions import (  # type: ignore[import-untyped]
    ImmediateHttpResponse,
    SignupClosedException,
)
from allauth.socialaccount.adapter import (  # type: ignore[import-untyped]
    DefaultSocialAccountAdapter,
)
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from kizuna.web.accounts.services import entry


class Visitors(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Lets in whom the provider names, if they are in the team."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> NoReturn:
        """Decide here, before django-allauth would make or link an account."""
        verified = [found.email for found in sociallogin.email_addresses if found.verified is True]
        try:
            done = entry.sign_in_as_named(request=request, addresses=verified)
        except entry.NotRecognisedError:
            raise ImmediateHttpResponse(_refusal(request)) from None
        wanted = sociallogin.state.get("next") or "/"
        fine = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
        wanted = wanted if fine else "/"
        if not done:
            wanted = f"{resolve_url('accounts:code')}?{urlencode({'next': wanted})}"
        raise ImmediateHttpResponse(redirect(wanted))

    def on_authentication_error(self, request: HttpRequest, *_: Any, **__: Any) -> NoReturn:
        """Say that the provider let nobody in."""
        raise ImmediateHttpResponse(_refusal(request))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> NoReturn:
        """Let nobody sign up by themselves."""
        raise SignupClosedException


def _refusal(request: HttpRequest) -> Any:
    shown = {"provider": settings.OIDC_NAME}
    return render(request, "accounts/not_named.html", shown, status=403)
