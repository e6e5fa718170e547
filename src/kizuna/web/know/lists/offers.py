"""What other apps do with many customers: their buttons below the list."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from kizuna.web.accounts.models import Person, Role


@dataclass(frozen=True, slots=True)
class Offer:
    """A button; its page is sent the ids that were ticked, or `everyone` and the query."""

    label: str | Promise
    url: str
    role: Role = Role.MEMBER


OFFERS: list[Offer] = []
"""Added when apps start."""


def offers_for(person: Person) -> list[Offer]:
    """Give the buttons for a person."""
    return [offer for offer in OFFERS if person.may(offer.role)]
