"""Where a message leads without signing in: its links, and the picture that says it was opened."""

from __future__ import annotations

import base64

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kizuna.web.accounts.permissions import public
from kizuna.web.act.messages.models import HitKind
from kizuna.web.act.messages.services import hits
from kizuna.web.act.messages.tracking import NotOursError, clicked
from kizuna.web.act.messages.tracking import opened as read_opened

PICTURE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD"])
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Lead on to where a link of ours leads, and nowhere else."""
    target = request.GET.get("to", "")
    try:
        message_id, number = clicked(token, target)
    except NotOursError:
        raise Http404 from None
    _note(request, HitKind.CLICK, message_id, number, target)
    return _private(HttpResponseRedirect(target))


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD"])
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """Give a picture of one point."""
    try:
        message_id = read_opened(token)
    except NotOursError:
        raise Http404 from None
    _note(request, HitKind.OPEN, message_id, 0, "")
    return _private(HttpResponse(PICTURE, content_type="image/gif"))


def _note(request: HttpRequest, kind: str, message_id: int, number: int, target: str) -> None:
    hits.note(
        message_id=message_id, kind=kind, number=number, target=target,
        method=request.method or "", agent=request.headers.get("User-Agent", ""),
        at=timezone.now(),
    )  # fmt: skip


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
