"""What the inbox holds, and what it can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Protocol

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
CLAIM_BYTES: Final = 64_000_000
"""Most bytes of bodies that one claim sets aside; one body alone may be more."""


class InboxError(Exception):
    """The inbox could not keep what it was given: disk full, server away, not writable."""


class Arrival(NamedTuple):
    """A request as it came: when, by which key, to which path, and its body without compression."""

    received_at: datetime
    key_id: int
    path: str
    body: bytes


class Entry(NamedTuple):
    """An arrival that is kept, under its number; numbers rise in the order of keeping."""

    id: int
    received_at: datetime
    key_id: int
    path: str
    body: bytes


class Inbox(Protocol):
    """An inbox on some database; each method may be called from any thread, one at a time."""

    def append(self, entries: Sequence[Arrival]) -> None:
        """Keep arrivals, all or none; once this returns they outlast a loss of power."""

    def claim(self, drain_no: int, limit: int, most_bytes: int = CLAIM_BYTES) -> list[Entry]:
        """Set the oldest unclaimed entries aside under a number, and give them."""

    def claimed(self, drain_no: int) -> list[Entry]:
        """Give the entries that are set aside under a number."""

    def settle(self, drain_no: int) -> int:
        """Delete the entries of a number, which tables have now; give how many."""

    def unsettled(self) -> list[int]:
        """Give the numbers that were claimed and not settled, lowest first."""

    def depth(self) -> int:
        """Say how many entries there are, claimed ones included; at once, at any depth."""

    def oldest(self) -> datetime | None:
        """Say when the oldest entry was received."""

    def scrub(self) -> None:
        """Leave no byte of deleted entries on the disk."""

    def close(self) -> None:
        """Let go of the database."""


def microseconds(at: datetime) -> int:
    """Count from the epoch; an integer sorts, and takes eight bytes."""
    return (at - EPOCH) // MICROSECOND


def moment(count: int) -> datetime:
    """Give the moment so many microseconds after the epoch."""
    return EPOCH + timedelta(microseconds=count)


def entry(row: tuple[int, int, int, str, bytes]) -> Entry:
    """Read one row of the table."""
    number, received, key, path, body = row
    return Entry(number, moment(received), key, path, body)


def last_within(sizes: Sequence[tuple[int, int]], most_bytes: int) -> int:
    """Give the last number whose body still fits, of (number, bytes) in order; the first does."""
    last, total = sizes[0]
    for number, size in sizes[1:]:
        total += size
        if total > most_bytes:
            break
        last = number
    return last
