"""Signing in and out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kizuna.web.accounts.models import Person
from kizuna.web.accounts.origin import origin_of
from kizuna.web.accounts.services import second_factor
from kizuna.web.accounts.services.attempts import count_attempt, forget_attempts
from kizuna.web.accounts.services.trail import audit
from kizuna.web.accounts.sessions import PLACE

BACKEND = "django.contrib.auth.backends.ModelBackend"
PENDING = "pending"
PENDING_FOR = timedelta(minutes=10)


class NotRecognisedError(Exception):
    """Raised for a wrong address, password or code; it does not say which."""


def sign_in(*, request: HttpRequest, email: str, password: str) -> bool:
    """Check address and password; whether that was enough (else a code is to follow)."""
    email = email.strip().lower()
    count_attempt(account=email, origin=origin_of(request))
    person = authenticate(request, username=email, password=password)
    if not isinstance(person, Person):
        known = Person.objects.filter(email=email).first()
        audit(actor=known, action="accounts.sign_in.refused", target="", request=request)
        raise NotRecognisedError
    if second_factor.is_on(person):
        owe_code(request, person)
        return False
    enter(request=request, person=person, how="password")
    return True


def sign_in_code(*, request: HttpRequest, code: str) -> None:
    """Check the second factor of whoever gave the right password just before."""
    person = pending_person(request)
    if person is None:
        raise NotRecognisedError
    count_attempt(account=f"code {person.pk}", origin=origin_of(request))
    if not second_factor.check(person=person, code=code):
        audit(actor=person, action="accounts.sign_in.refused", target="", request=request)
        raise NotRecognisedError
    forget_attempts(account=f"code {person.pk}")
    enter(request=request, person=person, how="password and code")


def sign_in_as_named(*, request: HttpRequest, addresses: Iterable[str]) -> bool:
    """Let in whom the identity provider names, by an address that it has verified.

    Gives whether that was enough: a second factor that is on here is asked for as well.
    """
    names = [address.strip().lower() for address in addresses]
    person = Person.objects.filter(email__in=names, is_active=True).first()
    if person is None:
        audit(actor=None, action="accounts.sign_in.refused", target="", request=request)
        raise NotRecognisedError
    if second_factor.is_on(person):
        owe_code(request, person)
        return False
    enter(request=request, person=person, how="identity provider")
    return True


def pending_person(request: HttpRequest) -> Person | None:
    """Give whoever gave the right password in this browser and owes the code."""
    pending = request.session.get(PENDING, {})
    until = parse_datetime(pending.get("until", ""))
    if until is None or until < timezone.now():
        return None
    return Person.objects.filter(pk=pending["person"], is_active=True).first()


def owe_code(request: HttpRequest, person: Person) -> None:
    """Note that someone has shown who they are, but for the code."""
    until = (timezone.now() + PENDING_FOR).isoformat()
    request.session.cycle_key()
    request.session[PENDING] = {"person": person.pk, "until": until}


def enter(*, request: HttpRequest, person: Person, how: str) -> None:
    """Start the session of someone who has shown who they are."""
    origin = origin_of(request)
    with transaction.atomic():
        request.session.pop(PENDING, None)
        # a place made before signing in is not where this session began
        request.session[PLACE] = {
            "at": timezone.now().isoformat(),
            "address": origin.address,
            "agent": origin.agent,
        }
        login(request, person, backend=BACKEND)
        forget_attempts(account=person.email)
        audit(
            actor=person,
            action="accounts.signed_in",
            target=str(person.pk),
            after={"how": how},
            request=request,
        )


def sign_out(*, request: HttpRequest) -> None:
    """End the session of this browser."""
    person = request.user if isinstance(request.user, Person) else None
    with transaction.atomic():
        logout(request)
        if person:
            audit(
                actor=person,
                action="accounts.signed_out",
                target=str(person.pk),
                request=request,
            )
