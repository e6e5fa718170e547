"""Links that need no signing in: sealed, so that they say nothing and cannot be made up."""

from __future__ import annotations

import json
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.urls import reverse

from kizuna.web.accounts.secrecy import hide, reveal

PREFERENCES, UNSUBSCRIBE = "preferences", "unsubscribe"
LONGEST = 4_000


class NoLinkError(Exception):
    """Raised for a link that was cut off or made up."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a link carries: whose it is and, to unsubscribe, from what."""

    customer_id: str
    purpose: str = ""
    channel: str = ""
    topic: str = ""


def preferences_path(customer_id: str) -> str:
    """Give the path of a customer's preference page."""
    return reverse("preferences", args=[seal(PREFERENCES, Sealed(customer_id))])


def unsubscribe_path(said: Sealed) -> str:
    """Give the path that takes a customer out of what a message was sent for."""
    return reverse("unsubscribe", args=[seal(UNSUBSCRIBE, said)])


def seal(kind: str, said: Sealed) -> str:
    """Write a token."""
    parts = [kind, said.customer_id, said.purpose, said.channel, said.topic]
    return hide(json.dumps(parts)).rstrip("=")


def opened(kind: str, token: str) -> Sealed:
    """Read a token of a kind.

    Raises
    ------
    NoLinkError
        When it is not one of ours, or one for something else.

    """
    if len(token) > LONGEST:
        raise NoLinkError
    try:
        parts = json.loads(reveal(token + "=" * (-len(token) % 4)))
    except (InvalidToken, ValueError) as error:
        raise NoLinkError from error
    if not isinstance(parts, list) or len(parts) != 5 or parts[0] != kind:
        raise NoLinkError
    return Sealed(*map(str, parts[1:]))
