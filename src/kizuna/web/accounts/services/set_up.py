"""The first start: the owner is made, and the door shut."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from kizuna.web.accounts.models import Installation, Person, Role
from kizuna.web.accounts.services.trail import audit


class SetUpIsClosedError(Exception):
    """Raised when the owner was made already."""


def set_up(
    *,
    email: str,
    name: str,
    password: str,
    language: str = "en",
    timezone: str = "UTC",
    request: HttpRequest | None = None,
) -> Person:
    """Make the owner. Of two who try at once, the database lets one through."""
    try:
        with transaction.atomic():
            Installation.objects.create(id=Installation.THE_ONE)
            if Person.objects.exists():
                raise SetUpIsClosedError
            owner = Person(email=email.strip().lower(), name=name, role=Role.OWNER)
            owner.language, owner.timezone = language, timezone
            owner.set_password(password)
            owner.save()
            audit(actor=owner, action="accounts.set_up", target=str(owner.pk), request=request)
    except IntegrityError as error:
        raise SetUpIsClosedError from error
    return owner
