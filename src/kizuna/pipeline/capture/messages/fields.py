"""Fields of a message: an explicit null is a field that is not there."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from kizuna.pipeline.capture.messages.rows import Refused

LONGEST_ID, LONGEST_NAME = 200, 200
FIRST_YEAR = 1900
AHEAD = timedelta(days=1)
SKEW = timedelta(minutes=1)
"""By how much a clock elsewhere may be ahead of ours without anything being said of it."""


def text(said: dict[str, Any], name: str, longest: int = LONGEST_NAME) -> str | None:
    """Give a text; numbers are taken as such, for ids often are."""
    value = said.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or "\0" in value:
        raise Refused("bad_text", name)
    value = value.strip()
    if len(value) > longest:
        raise Refused("too_long", name)
    return value or None


def held(said: dict[str, Any], name: str) -> dict[str, Any]:
    """Give an object; empty where there is none."""
    value = said.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused("not_object", name)
    return value


def json_of(value: dict[str, Any], name: str) -> str | None:
    """Write an object down; None where it is empty."""
    try:
        return msgspec.json.encode(value).decode() if value else None
    except (OverflowError, msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Refused("not_json", name) from None


def number(said: dict[str, Any], name: str) -> float | None:
    """Give a number, also where it is written as text; never infinite."""
    value = said.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Refused("bad_amount", name)
    try:
        found = float(value)
    except (ValueError, OverflowError):
        raise Refused("bad_amount", name) from None
    if not math.isfinite(found):
        raise Refused("bad_amount", name)
    return found


def moment(said: dict[str, Any], name: str) -> datetime | None:
    """Give a moment in UTC; without a zone it is meant in UTC."""
    value = said.get(name)
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(value)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Refused("bad_time", name) from None
    if found.year < FIRST_YEAR:
        raise Refused("bad_time", name)
    return found


def happened(said: dict[str, Any], shared: dict[str, Any], received: datetime) -> datetime:
    """Tell when it happened: as given; else as the sender's clock says, put right by ours.

    A moment that lies ahead of ours cannot be right: it is put right in the same way.
    """
    given = moment(said, "timestamp")
    if given is not None and given <= received + SKEW:
        return min(given, received)
    original = moment(said, "originalTimestamp") or given
    if original is None:
        return received
    sent = moment(said, "sentAt") or moment(shared, "sentAt")
    found = original if sent is None else _earlier(received, sent - original)
    if found > received + AHEAD:
        raise Refused("time_in_future", "timestamp" if given else "originalTimestamp")
    return min(found, received)


def _earlier(received: datetime, age: timedelta) -> datetime:
    try:
        return received - age
    except OverflowError:
        raise Refused("bad_time", "sentAt") from None
