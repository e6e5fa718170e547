"""Calendars that other programs read: made, opened by their address, revoked for good."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.db import InternalError, OperationalError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.renewals.models import Feed

NOTED_EVERY = timedelta(minutes=5)
MOST = 10
LONGEST = 200
SIGNER = Signer(salt="kizuna.renewals.calendar")


class TooManyError(Exception):
    """Raised where a person has as many calendars as anyone may have."""


def make(*, actor: Person, of_team: bool = False, request: HttpRequest | None = None) -> Feed:
    """Make a calendar of one's own renewals, or, for a manager, of everyone's."""
    if not actor.may(Role.MANAGER if of_team else Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        if Feed.objects.filter(person=actor, revoked_at=None).count() >= MOST:
            raise TooManyError
        made = Feed.objects.create(
            person=actor, of_team=of_team, nonce=secrets.token_urlsafe(24)[:32]
        )
        _record(actor, "made", made, request)
    return made


def revoke(*, actor: Person, feed_id: int, request: HttpRequest | None = None) -> None:
    """Have an address open nothing any more: one's own, or, for a manager, anyone's."""
    with transaction.atomic():
        found = Feed.objects.select_for_update().filter(pk=feed_id, revoked_at=None).first()
        if found is None:
            return
        if found.person_id != actor.pk and not actor.may(Role.MANAGER):
            raise PermissionDenied
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        _record(actor, "revoked", found, request)


def token_of(feed: Feed) -> str:
    """Write the secret part of a calendar's address; it is in no table as it stands there."""
    return SIGNER.sign(f"{feed.pk}-{feed.nonce}")


def feed_of(token: str) -> Feed | None:
    """Give the living calendar of an address, and note that it was read.

    It shows no more than its person may see now: who has left, or is no manager any more, opens
    nothing.
    """
    if len(token) > LONGEST:
        return None
    try:
        number, _, nonce = SIGNER.unsign(token).partition("-")
    except BadSignature:
        return None
    found = Feed.objects.select_related("person").filter(pk=number, revoked_at=None).first()
    if found is None or not constant_time_compare(found.nonce, nonce):
        return None
    if not found.person.may(Role.MANAGER if found.of_team else Role.MEMBER):
        return None
    now = timezone.now()
    if found.read_at is None or now - found.read_at > NOTED_EVERY:
        with suppress(OperationalError, InternalError):
            Feed.objects.filter(pk=found.pk).update(read_at=now)
    return found


def _record(actor: Person, verb: str, feed: Feed, request: HttpRequest | None) -> None:
    audit(
        actor=actor,
        action=f"act.renewal_calendar.{verb}",
        target=str(feed),
        after={"of_team": feed.of_team},
        request=request,
    )
