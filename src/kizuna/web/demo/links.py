"""Links that sign a person of the demo in: once, within the hour, from this machine alone."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import NamedTuple

from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from kizuna.web.accounts.models import Person
from kizuna.web.accounts.services import second_factor
from kizuna.web.accounts.services.entry import enter, owe_code

SALT = "kizuna.demo.link"
GOOD_FOR = timedelta(hours=1)


class NoLinkError(Exception):
    """Raised for a link that is forged, used or too old."""


class Said(NamedTuple):
    """What a link says: who, and when this person last came in as it was made."""

    person: int
    last: str


def link_of(person: Person) -> str:
    """Give the path that signs someone in, the next time only."""
    said = Said(person.pk, _last(person))
    return reverse("demo:enter", args=[signing.dumps(said, salt=SALT)])


def use(*, request: HttpRequest, token: str) -> bool:
    """Sign in whom a link names; gives whether that was enough, or a code is to follow.

    Signing in changes the moment of the last time, and with it every link made before: of two who
    use one at once, the lock on the row lets one through.
    """
    said = _read(token)
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(pk=said.person, is_active=True).first()
        if person is None or _last(person) != said.last:
            raise NoLinkError
        if second_factor.is_on(person):
            owe_code(request, person)
            return False
        enter(request=request, person=person, how="demo link")
    return True


def comes_from_here(request: HttpRequest) -> bool:
    """Whether a request comes from this machine, and no proxy passed it on."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _read(token: str) -> Said:
    try:
        return Said(*signing.loads(token, salt=SALT, max_age=GOOD_FOR))
    except signing.BadSignature as error:
        raise NoLinkError from error


def _last(person: Person) -> str:
    return person.last_login.isoformat() if person.last_login else ""
