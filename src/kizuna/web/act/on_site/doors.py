"""What the script on a site asks: which messages there are, whether one is shown, and what came.

The same write key, the same origins and the same rate as for events (`capture.ingest`).
"""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kizuna.web.accounts.permissions import public
from kizuna.web.act.on_site import showing
from kizuna.web.act.on_site.models import Audience, Message
from kizuna.web.act.on_site.paths import patterns
from kizuna.web.act.on_site.showing import Asked
from kizuna.web.act.on_site.visitors import visitor_of
from kizuna.web.capture.ingest.door import Door
from kizuna.web.capture.ingest.installed import door
from kizuna.web.capture.ingest.keyring import MISSED_SECONDS

SCRIPT = "on_site/kizuna-on-site.js"
MOST_BYTES, LONGEST_ANSWER = 4_000, 24_000
FRESH_SECONDS = 60
LONGEST_PATH = 2_000


@public
@csrf_exempt
@require_http_methods(["GET"])
def settings(request: HttpRequest) -> HttpResponse:
    """Say which messages may come on which pages, and which script shows them; no words of them."""
    if (status := _refused(request, request.GET.get("key", ""), 0)) is not None:
        return _open(request, HttpResponse(status=status))
    found = showing.live(timezone.localdate())
    said = {"src": static(SCRIPT), "messages": [_rule(one) for one in found]} if found else {}
    response = JsonResponse(said)
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return _open(request, response)


@public
@csrf_exempt
@require_http_methods(["POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Say what a visitor is shown now, or when to ask again."""
    said = _said(request)
    if (status := _refused(request, said.get("key"), 1)) is not None:
        return _open(request, HttpResponse(status=status))
    visitor = visitor_of(said.get("browser"), said.get("user"), said.get("proof"))
    pk, path = said.get("message"), said.get("path")
    if visitor is None or type(pk) is not int or not 0 < pk < 2**63 or not isinstance(path, str):
        return _open(request, HttpResponse(status=400))
    asked = Asked(
        visitor, path[:LONGEST_PATH], str(said.get("language", "")), _agent(request), timezone.now()
    )
    answer = showing.ask(pk=pk, asked=asked)
    told = {"shown": answer.shown} if answer.shown else {"again": answer.again}
    return _open(request, JsonResponse(told), private=True)


@public
@csrf_exempt
@require_http_methods(["POST"])
def note(request: HttpRequest) -> HttpResponse:
    """Take what became of a message that was let through."""
    said = _said(request)
    if (status := _refused(request, said.get("key"), 1)) is not None:
        return _open(request, HttpResponse(status=status))
    showing.note(
        token=str(said.get("token", "")), kind=str(said.get("kind", "")), agent=_agent(request),
        at=timezone.now(),
    )  # fmt: skip
    return _open(request, HttpResponse(status=204), private=True)


@public
@csrf_exempt
@require_http_methods(["POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """Take what a visitor answered to the survey that a message asked."""
    said = _said(request, LONGEST_ANSWER)
    if (status := _refused(request, said.get("key"), 1)) is not None:
        return _open(request, HttpResponse(status=status))
    is_taken = showing.answer(
        token=str(said.get("token", "")), reply=str(said.get("reply", "")),
        words=str(said.get("words", "")), agent=_agent(request), at=timezone.now(),
    )  # fmt: skip
    return _open(request, HttpResponse(status=204 if is_taken else 409), private=True)


def _rule(message: Message) -> dict[str, Any]:
    known = message.audience == Audience.SEGMENT
    return {
        "id": message.pk,
        "trigger": message.trigger,
        "after": message.after,
        "pages": patterns(message.pages),
        "known": known,
    }


def _agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")


def _said(request: HttpRequest, most: int = MOST_BYTES) -> dict[str, Any]:
    body = request.read(most + 1)
    try:
        found = json.loads(body) if len(body) <= most else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refused(request: HttpRequest, key: object, messages: int) -> int | None:
    """Give the status with which a call is turned away; None: it is let in."""
    opened, text = _door(), key if isinstance(key, str) else ""
    opened.keyring.refresh()
    known = opened.keyring.find(text)
    if known is None:
        opened.keyring.refresh(MISSED_SECONDS)
        known = opened.keyring.find(text)
    if known is None:
        return 401
    origin = request.headers.get("Origin", "")
    if not known.browser or (origin and not known.may_come_from(origin)):
        return 403
    wait = opened.limits.take(known.id, known.per_second, messages, time.monotonic())
    return 429 if wait else None


def _open(request: HttpRequest, response: HttpResponse, *, private: bool = False) -> HttpResponse:
    """Let a page of an origin that a key names read the answer."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    for name, value in _door().opened_to(headers):
        if name != "Vary":
            response.headers[name] = value
    patch_vary_headers(response, ["Origin"])
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if private or response.status_code >= 400:
        response.headers["Cache-Control"] = "private, no-store"
    return response


@cache
def _door() -> Door:
    return door()
