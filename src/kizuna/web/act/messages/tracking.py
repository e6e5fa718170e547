"""Links that tell who followed them: signed, so that they lead only where a message of ours led."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin

from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse
from django.utils.crypto import constant_time_compare

CLICK, OPEN, MAIL = "messages.click", "messages.open", "messages.mail"
MARKED = re.compile(r"kizuna\.([0-9]{1,18})\.([A-Za-z0-9_-]{22})@")
LENGTH = 22
"""Characters of the signature that are kept: 130 bits."""


class NotOursError(Exception):
    """Raised for a link that was cut off or made up."""


def click_url(site: str, message_id: int, number: int, target: str) -> str:
    """Give the address by which a link is followed."""
    mark = _mark(CLICK, f"{message_id}.{number}.{target}")
    path = reverse("follow", args=[f"{message_id}.{number}.{mark}"])
    return f"{urljoin(site, path)}?to={quote(target, safe='')}"


def open_url(site: str, message_id: int) -> str:
    """Give the address of the picture that says that a mail was opened."""
    mark = _mark(OPEN, str(message_id))
    return urljoin(site, reverse("opened", args=[f"{message_id}.{mark}"]))


def clicked(token: str, target: str) -> tuple[int, int]:
    """Read whose link it is, and which.

    Raises
    ------
    NotOursError
        When it is not one of ours, or leads elsewhere than it did.

    """
    head, _dot, mark = token.rpartition(".")
    number, _dot, place = head.partition(".")
    if not (number.isdecimal() and place.isdecimal() and len(number) < 19 and len(place) < 5):
        raise NotOursError
    _check(CLICK, f"{number}.{place}.{target}", mark)
    return int(number), int(place)


def opened(token: str) -> int:
    """Read whose picture it is.

    Raises
    ------
    NotOursError
        When it is not one of ours.

    """
    number, _dot, mark = token.partition(".")
    if not number.isdecimal() or len(number) > 18:
        raise NotOursError
    _check(OPEN, number, mark)
    return int(number)


def _mark(kind: str, text: str) -> str:
    return Signer(salt=kind).signature(text)[:LENGTH]


def _check(kind: str, text: str, mark: str) -> None:
    if not any(constant_time_compare(mark, one) for one in _marks(kind, text)):
        raise NotOursError


def _marks(kind: str, text: str) -> list[str]:
    """Give the signatures by the key in use and by those before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [Signer(key=key, salt=kind).signature(text)[:LENGTH] for key in keys]


def message_mark(message_id: int) -> str:
    """Give what names a mail in its `Message-ID`."""
    return f"kizuna.{message_id}.{_mark(MAIL, str(message_id)).lower()}"


def marked(text: str) -> int | None:
    """Find the mail of ours that a report is on; None: none that we sent."""
    for found in MARKED.finditer(text):
        number, mark = found[1], found[2].lower()
        marks = [one.lower() for one in _marks(MAIL, number)]
        if any(constant_time_compare(mark, one) for one in marks):
            return int(number)
    return None
