"""Who a customer is, from the reserved traits of `identify` and `group`."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Any

from kizuna.pipeline.capture.messages.fields import json_of
from kizuna.pipeline.capture.messages.rows import Event, Traits

LONGEST = 200
PHONE = re.compile(r"\+[1-9]\d{6,14}")
MAIL = re.compile(r"[^@\s]+@[^@\s]+")


def of_user(event: Event, said: dict[str, Any]) -> Traits:
    """Take what is said of a person."""
    return _traits(event, event.customer_key, "person", _person(said), said)


def of_group(event: Event, said: dict[str, Any]) -> Traits:
    """Take what is said of a company."""
    assert event.group_id is not None
    return _traits(event, event.group_id, "company", _plain(said, "name"), said)


def _traits(event: Event, key: str, kind: str, name: str | None, said: dict[str, Any]) -> Traits:
    address = said.get("address") if isinstance(said.get("address"), dict) else {}
    place: dict[str, Any] = {**said, **(address or {})}
    return Traits(
        event.message_id,
        key,
        kind,
        name,
        _plain(said, "nameKana", "name_kana"),
        _mail(said),
        _phone(said),
        _plain(place, "country"),
        _plain(place, "state", "region"),
        _plain(place, "city"),
        _day(said),
        event.happened_at,
        event.received_at,
        json_of(said, "traits") or "{}",
    )


def _plain(said: dict[str, Any], *names: str) -> str | None:
    """Give the first of some traits that is a text; another kind of value stays in `traits`."""
    for name in names:
        value = said.get(name)
        if isinstance(value, str) and (value := value.replace("\0", "").strip()):
            return value[:LONGEST]
    return None


def _person(said: dict[str, Any]) -> str | None:
    """Give the whole name; a Japanese one has the family's first."""
    whole = _plain(said, "name")
    first, last = _plain(said, "firstName", "first_name"), _plain(said, "lastName", "last_name")
    if whole or not (first and last):
        return whole or first or last
    return f"{last} {first}" if _is_japanese(last + first) else f"{first} {last}"


def _is_japanese(text: str) -> bool:
    return any(unicodedata.name(c, "").startswith(("CJK", "HIRAGANA", "KATAKANA")) for c in text)


def _mail(said: dict[str, Any]) -> str | None:
    found = _plain(said, "email")
    return found.lower() if found and MAIL.fullmatch(found) else None


def _phone(said: dict[str, Any]) -> str | None:
    """Give a number with its country; without one, nobody can tell whose it is."""
    found = re.sub(r"[\s().-]", "", unicodedata.normalize("NFKC", _plain(said, "phone") or ""))
    return found if PHONE.fullmatch(found) else None


def _day(said: dict[str, Any]) -> date | None:
    found = _plain(said, "createdAt", "created_at")
    try:
        moment = datetime.fromisoformat(found) if found else None
    except ValueError:
        return None
    if moment is None:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
