"""Contacts with customers as programs, webhooks and mailboxes bring them: read, kept, read again.

A contact that is told again under the same id replaces what was told before: so a case may grow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from kizuna.pipeline.capture.messages.fields import AHEAD, json_of, moment, number, text
from kizuna.pipeline.capture.messages.rows import Refused
from kizuna.pipeline.capture.standard.specs import SPECS

LONGEST_TEXT: Final = 100_000
LATEST_SECONDS: Final = 253_402_300_799
TEXTS: Final = {"agent": 200, "subject": 1_000, "text": LONGEST_TEXT, "outcome": 200}
FIGURES: Final = ("wait_seconds", "minutes", "transfers")
MOST_TRANSFERS: Final = 10_000
KNOWN: Final = frozenset({
    "interaction_id", "customer_id", "happened_at", "channel", "direction", "case_id", "custom",
    *TEXTS, *FIGURES,
})  # fmt: skip


class Contact(NamedTuple):
    """A contact, in the order of the columns of `received_interactions`."""

    interaction_id: str
    customer_key: str
    happened_at: datetime
    channel: str
    direction: str | None
    case_id: str | None
    agent: str | None
    subject: str | None
    text: str | None
    wait_seconds: float | None
    minutes: float | None
    transfers: int | None
    outcome: str | None
    custom: str | None
    source: str
    received_at: datetime
    row_no: int


def contact(said: Mapping[str, Any], *, source: str, received_at: datetime) -> Contact:
    """Read what is said of a contact.

    Raises
    ------
    Refused
        Where something is missing or cannot be read; with the code and the field.

    """
    given = dict(said)
    return Contact(
        interaction_id=_needed(given, "interaction_id", "no_id"),
        customer_key=_needed(given, "customer_id", "no_customer"),
        happened_at=_moment(given, received_at),
        channel=_word(given, "channel") or _missing("no_channel", "channel"),
        direction=_direction(given),
        case_id=text(given, "case_id"),
        agent=text(given, "agent", TEXTS["agent"]),
        subject=text(given, "subject", TEXTS["subject"]),
        text=text(given, "text", TEXTS["text"]),
        wait_seconds=_figure(given, "wait_seconds"),
        minutes=_figure(given, "minutes"),
        transfers=_transfers(_figure(given, "transfers")),
        outcome=text(given, "outcome", TEXTS["outcome"]),
        custom=_custom(given),
        source=source,
        received_at=received_at,
        row_no=0,
    )


def body_of(contacts: list[Contact]) -> bytes:
    """Write contacts down, as the inbox keeps them."""
    return msgspec.json.encode(contacts)


def contacts_of(body: bytes, start: int) -> Iterator[Contact]:
    """Read contacts that were written down; number them from `start`, in the order they came."""
    for number_, row in enumerate(msgspec.json.decode(body, type=list[Contact]), start):
        yield row._replace(row_no=number_)


def _needed(said: dict[str, Any], name: str, code: str) -> str:
    return text(said, name) or _missing(code, name)


def _missing(code: str, name: str) -> str:
    raise Refused(code, name)


def _moment(said: dict[str, Any], received_at: datetime) -> datetime:
    """Read a moment: ISO 8601, or seconds or milliseconds since 1970."""
    value = said.get("happened_at")
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) > 1e11 else value
        if not 0 <= seconds <= LATEST_SECONDS:
            raise Refused("bad_time", "happened_at")
        said["happened_at"] = datetime.fromtimestamp(seconds, UTC).isoformat()
    found = moment(said, "happened_at")
    if found is None:
        raise Refused("no_time", "happened_at")
    if found > received_at + AHEAD:
        raise Refused("time_in_future", "happened_at")
    return found


def _word(said: dict[str, Any], name: str) -> str | None:
    """Give a word as the tables write it, where it is one of those that mean the same."""
    given = text(said, name)
    return given and WORDS[name].get(given.casefold(), given)


def _direction(said: dict[str, Any]) -> str | None:
    found = _word(said, "direction")
    if found not in (None, "in", "out"):
        raise Refused("bad_direction", "direction")
    return found


def _figure(said: dict[str, Any], name: str) -> float | None:
    try:
        found = number(said, name)
    except Refused:
        raise Refused("bad_number", name) from None
    if found is not None and found < 0:
        raise Refused("bad_number", name)
    return found


def _transfers(found: float | None) -> int | None:
    if found is not None and (found != int(found) or found > MOST_TRANSFERS):
        raise Refused("bad_number", "transfers")
    return None if found is None else int(found)


def _custom(said: dict[str, Any]) -> str | None:
    value = said.get("custom")
    if value is not None and not isinstance(value, dict):
        raise Refused("not_object", "custom")
    return json_of(value or {}, "custom")


def _words(name: str) -> dict[str, str]:
    part = next(p for p in SPECS["interactions"].parts if p.name == name)
    return {word: kept for kept, all_ in (part.choices or {}).items() for word in all_.split()}


WORDS: Final = {name: _words(name) for name in ("channel", "direction")}
"""Words that mean a channel or a direction, in Japanese and English."""
