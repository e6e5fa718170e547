"""What every channel does: take a letter, and say what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Fate(StrEnum):
    """What became of a letter."""

    SENT = "sent"
    AGAIN = "again"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a channel needs, so that it touches no database."""

    number: int
    key: str
    address: str
    name: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter, and why.

    Attributes
    ----------
    again : certainly not taken, and may be tried later; `wait` is what the other side asks for.
    uncertain : it may have been taken. It is never sent again by itself.
    down : it was not this letter's fault: the channel as a whole does not work just now.
    bounced : the address is none.

    """

    fate: Fate
    reason: str = ""
    detail: str = ""
    reference: str = ""
    wait: float = 0.0
    down: bool = False
    bounced: bool = False


class Carrier(Protocol):
    """A channel that is open; used by several threads at once.

    `is_safe`: the other side knows a letter by its key and takes it once, so that what is uncertain
    may be sent again.
    """

    @property
    def is_safe(self) -> bool:
        """Whether it is."""
        ...

    def send(self, letter: Letter) -> Outcome:
        """Hand a letter over; whatever happens is an outcome."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...
