"""What is known of people, their sessions and keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from kizuna.web.accounts.models import (
    ApiKey,
    Installation,
    Invitation,
    Organisation,
    Person,
    RecoveryCode,
    Role,
    SecondFactor,
    Session,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A browser in which a person is signed in."""

    handle: str
    started_at: datetime
    seen_at: datetime
    address: str | None
    agent: str
    here: bool


def set_up_is_open() -> bool:
    """Whether there is nobody yet, and never was."""
    return not Person.objects.exists() and not Installation.objects.exists()


def organisation() -> Organisation:
    """Give how the organisation counts; before anyone has said so, as is usual where it is."""
    found = Organisation.objects.select_related("changed_by").filter(pk=Organisation.THE_ONE)
    return found.first() or Organisation(fiscal_year_start=_usual_start())


def _usual_start() -> int:
    owners = Person.objects.filter(role=Role.OWNER).order_by("pk")
    return 4 if owners.values_list("language", flat=True).first() == "ja" else 1


def people() -> QuerySet[Person]:
    """List everyone, who is active first."""
    return Person.objects.order_by("-is_active", "name", "pk")


def roles_under(person: Person) -> list[Role]:
    """List the roles that a person may give, and whose holders they may change."""
    return [role for role in Role if person.may(role)] if person.may(Role.MANAGER) else []


def open_invitations(reader: Person) -> QuerySet[Invitation]:
    """List the links that can still be used, to roles that the reader may give."""
    return (
        Invitation.objects.filter(
            accepted_at=None,
            withdrawn_at=None,
            expires_at__gt=timezone.now(),
            role__in=roles_under(reader),
        )
        .select_related("invited_by")
        .order_by("-invited_at")
    )


def places(person: Person, here: str | None) -> list[Place]:
    """List where a person is signed in, the latest seen first."""
    rows = Session.objects.filter(person=person, expire_date__gt=timezone.now())
    return [
        Place(
            handle_of(row.session_key),
            row.started_at,
            row.seen_at,
            row.address,
            row.agent,
            row.session_key == here,
        )
        for row in rows.order_by("-seen_at")
    ]


def handle_of(session_key: str) -> str:
    """Name a session on a page without giving its key away."""
    return hashlib.sha256(f"session:{session_key}".encode()).hexdigest()[:20]


def second_factor_of(person: Person) -> tuple[SecondFactor | None, int]:
    """Give the second factor, and how many recovery codes are left."""
    left = RecoveryCode.objects.filter(person=person, used_at=None).count()
    return SecondFactor.objects.filter(person=person).first(), left


def keys_for(reader: Person) -> QuerySet[ApiKey]:
    """List a person's keys; a manager sees those of everyone no higher."""
    keys = ApiKey.objects.filter(revoked_at=None).select_related("person").order_by("-made_at")
    if reader.may(Role.MANAGER):
        return keys.filter(person__role__in=roles_under(reader))
    return keys.filter(person=reader)
