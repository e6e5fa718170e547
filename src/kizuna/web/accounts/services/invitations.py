"""Invitations: a signed link, for one person, once, until it expires."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone as clock

from kizuna.web.accounts.models import Invitation, Person, Role
from kizuna.web.accounts.services.trail import audit

GOOD_FOR = timedelta(days=7)
_signer = Signer(salt="kizuna.invitation")


class NoInvitationError(Exception):
    """Raised for a link that is forged, used, withdrawn or too old."""


class AddressTakenError(Exception):
    """Raised when a person with this address is there already."""


def invite(
    *, actor: Person, role: Role, note: str = "", request: HttpRequest | None = None
) -> Invitation:
    """Make an invitation, to a role no higher than the actor's own."""
    with transaction.atomic():
        current = Person.objects.select_for_update().get(pk=actor.pk)
        if not (current.may(Role.MANAGER) and current.may(role)):
            raise PermissionDenied
        made = Invitation.objects.create(
            note=note, role=role, invited_by=actor, expires_at=clock.now() + GOOD_FOR
        )
        audit(
            actor=actor,
            action="accounts.invitation.made",
            target=str(made.pk),
            after={"role": role, "note": note},
            request=request,
        )
    return made


def withdraw(*, actor: Person, invitation_id: UUID, request: HttpRequest | None = None) -> None:
    """Make a link useless before it is used."""
    with transaction.atomic():
        found = Invitation.objects.filter(pk=invitation_id).first()
        if found is None or not (actor.may(Role.MANAGER) and actor.may(Role(found.role))):
            raise PermissionDenied
        still_open = Invitation.objects.filter(pk=found.pk, accepted_at=None, withdrawn_at=None)
        if still_open.update(withdrawn_at=clock.now()):
            audit(
                actor=actor,
                action="accounts.invitation.withdrawn",
                target=str(found.pk),
                request=request,
            )


def token_of(invitation: Invitation) -> str:
    """Give what the link carries."""
    return _signer.sign(str(invitation.pk))


def invitation_of(token: str) -> Invitation:
    """Give the invitation of a link that can still be used."""
    try:
        key = UUID(_signer.unsign(token))
    except (BadSignature, ValueError) as error:
        raise NoInvitationError from error
    found = Invitation.objects.filter(
        pk=key, accepted_at=None, withdrawn_at=None, expires_at__gt=clock.now()
    ).select_related("invited_by")
    invitation = found.first()
    # whoever left, or lost the role, gives it to nobody any more
    if invitation is None or not invitation.invited_by.may(Role(invitation.role)):
        raise NoInvitationError
    return invitation


def accept(
    *,
    token: str,
    email: str,
    name: str,
    password: str,
    language: str = "en",
    timezone: str = "UTC",
    request: HttpRequest | None = None,
) -> Person:
    """Join by a link. Of two who use it at once, the database lets one through."""
    email = email.strip().lower()
    with transaction.atomic():
        invitation = invitation_of(token)
        unused = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
        if not unused.update(accepted_at=clock.now()):
            raise NoInvitationError
        if Person.objects.filter(email=email).exists():
            raise AddressTakenError
        person = Person(email=email, name=name, role=invitation.role)
        person.language, person.timezone = language, timezone
        person.set_password(password)
        person.save()
        Invitation.objects.filter(pk=invitation.pk).update(accepted_by=person)
        audit(
            actor=person,
            action="accounts.invitation.accepted",
            target=str(invitation.pk),
            after={"role": invitation.role},
            request=request,
        )
    return person
