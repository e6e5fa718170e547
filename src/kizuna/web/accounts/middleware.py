"""For each request: the set-up while there is no one, and the person's language and time zone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InternalError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone, translation

from kizuna.web.accounts import queries
from kizuna.web.accounts.models import Person

type Next = Callable[[HttpRequest], HttpResponseBase]

# nothing may be written: SQLite says the one, PostgreSQL the other
Trouble = (OperationalError, InternalError)
SEEN_EVERY = timedelta(minutes=5)


def set_up_first(get_response: Next) -> Next:
    """Lead every page to the set-up until the owner is made."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated or request.path.startswith(_open_anyway()):
            return get_response(request)
        return redirect("accounts:set_up") if queries.set_up_is_open() else get_response(request)

    return handle


def _open_anyway() -> tuple[str, ...]:
    return (resolve_url("accounts:set_up"), settings.STATIC_URL, "/health", "/api/", "/v1/")


def as_person_reads(get_response: Next) -> Next:
    """Speak the person's language and show their time; note that they were here."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        if not isinstance(request.user, Person):
            return get_response(request)
        _note_seen(request)
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = request.user.language
        timezone.activate(ZoneInfo(request.user.timezone))
        try:
            return get_response(request)
        finally:
            timezone.deactivate()

    return handle


def _note_seen(request: HttpRequest) -> None:
    # saving the session is what writes its row, and with it the moment
    now = timezone.now().timestamp()
    if now - request.session.get("seen", 0) > SEEN_EVERY.total_seconds():
        request.session["seen"] = now
        # where nothing can be written, pages are still there to be read
        with suppress(*Trouble):
            request.session.save()
        request.session.modified = False
