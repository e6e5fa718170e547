"""The same door behind Django, so that one port also takes events; slower than `kizuna ingest`."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from kizuna.web.accounts.permissions import public
from kizuna.web.capture.inbox import Inbox, InboxError, open_inbox
from kizuna.web.capture.ingest.door import (
    AGAIN_SECONDS,
    Answer,
    Ask,
    Door,
    RefusedError,
    kept,
    most_bytes,
    refused,
)
from kizuna.web.capture.ingest.installed import door
from kizuna.web.capture.ingest.keyring import MISSED_SECONDS


@public
@csrf_exempt
def take(request: HttpRequest, **_address: str) -> HttpResponse:
    """Answer once what was sent is durable."""
    opened = _door()
    opened.keyring.refresh()
    headers = {name.lower(): value for name, value in request.headers.items()}
    ask = Ask(request.method or "", request.path, headers, b"")
    answer = opened.preflight(ask) if ask.method == "OPTIONS" else _answer(opened, ask, request)
    response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
    more = () if ask.method == "OPTIONS" else opened.opened_to(headers)
    for name, value in (*answer.headers, *more):
        response.headers[name] = value
    return response


def _answer(opened: Door, ask: Ask, request: HttpRequest) -> Answer:
    try:
        most = most_bytes(ask.path)
        body = request.read(most + 1)
        if len(body) > most:
            raise RefusedError(413)
        return _taken(opened, ask._replace(body=body))
    except RefusedError as error:
        return refused(error)
    except InboxError:
        return refused(RefusedError(503, wait=AGAIN_SECONDS))


def _taken(opened: Door, ask: Ask) -> Answer:
    try:
        arrival = opened.admit(ask)
    except RefusedError as error:
        if error.status != 401:
            raise
        opened.keyring.refresh(MISSED_SECONDS)
        arrival = opened.admit(ask)
    _inbox().append([arrival])
    return kept()


@cache
def _door() -> Door:
    return door()


@cache
def _inbox() -> Inbox:
    return open_inbox()
