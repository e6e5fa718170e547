"""Pages for customers, opened by sealed links without signing in; reading one changes nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kizuna.web.accounts.permissions import public
from kizuna.web.capture.consents import queries
from kizuna.web.capture.consents.links import (
    PREFERENCES,
    UNSUBSCRIBE,
    NoLinkError,
    opened,
    preferences_path,
)
from kizuna.web.capture.consents.models import Purpose
from kizuna.web.capture.consents.services import choosing, opting_in

ONE_CLICK = "List-Unsubscribe"


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a customer may choose, and record what she changes."""
    saved = False
    try:
        if request.method == "POST":
            _save(request, token)
            saved = True
        customer_id = opened(PREFERENCES, token).customer_id
    except NoLinkError:
        return _no_link(request)
    shown = {"offers": queries.offers(customer_id), "saved": saved, "who": queries.sender()}
    return _page(request, "preferences", shown)


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe at once where a mail program or the button asks for it (RFC 8058)."""
    try:
        said = opened(UNSUBSCRIBE, token)
        one_click = request.POST.get(ONE_CLICK) == "One-Click"
        pressed = request.POST.get("unsubscribe") == "1"
        if one_click or pressed:
            choosing.unsubscribe(token=token, one_click=one_click, request=request)
    except NoLinkError:
        return _no_link(request)
    if one_click:
        # to a program: no page, no cookie, no other address
        return _private(HttpResponse("unsubscribed\n", content_type="text/plain"))
    purpose = Purpose.objects.filter(code=said.purpose).first()
    shown = {"done": pressed, "purpose": purpose, "more": preferences_path(said.customer_id)}
    return _page(request, "unsubscribe", shown, 400 if _empty_post(request, pressed) else 200)


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the button that confirms; only pressing it does."""
    try:
        if request.POST.get("confirm") == "1":
            asked = opting_in.confirm(secret=secret, request=request)
            return _page(request, "confirm", {"asked": asked, "done": True})
        asked = opting_in.waiting(secret)
    except NoLinkError:
        return _no_link(request)
    return _page(request, "confirm", {"asked": asked, "done": asked.confirmed_at is not None})


def _save(request: HttpRequest, token: str) -> None:
    if request.POST.get("stop") == "1":
        choosing.stop_all(token=token, request=request)
        return
    shown, wanted = request.POST.getlist("shown"), request.POST.getlist("wanted")
    choosing.choose(token=token, shown=shown, wanted=wanted, request=request)


def _empty_post(request: HttpRequest, pressed: bool) -> bool:
    return request.method == "POST" and not pressed


def _no_link(request: HttpRequest) -> HttpResponse:
    return _page(request, "no_link", {}, 404)


def _page(
    request: HttpRequest, name: str, shown: dict[str, Any], status: int = 200
) -> HttpResponse:
    return _private(render(request, f"consents/{name}.html", shown, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the address, which opens the page to anyone, from caches, other sites and searches."""
    patch_cache_control(response, private=True, no_store=True)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
