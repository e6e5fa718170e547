"""The write keys in use, held in memory and read anew every second."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

STALE_SECONDS: Final = 1.0
MISSED_SECONDS: Final = 0.2
_log = logging.getLogger("kizuna.ingest")


@dataclass(frozen=True, slots=True)
class Known:
    """What the door has to know of a key."""

    id: int
    browser: bool
    origins: frozenset[str]
    per_second: int

    def may_come_from(self, origin: str) -> bool:
        """Whether a page may send with this key; a key of a server is in no page."""
        return self.browser and (not self.origins or origin in self.origins)


class Keys(Protocol):
    """Where keys are kept."""

    def read(self) -> Mapping[bytes, Known]:
        """Give the keys in use by their digests."""

    def note(self, used: set[int]) -> None:
        """Note which keys were used just now."""


def digest(text: str) -> bytes:
    """Give what is kept of a key; 256 random bits need no slow hash."""
    return hashlib.sha256(text.encode(errors="replace")).digest()


class Keyring:
    """The keys; one that was revoked opens nothing a second later, in every process."""

    def __init__(self, keys: Keys, clock: Callable[[], float]) -> None:
        self._keys, self._clock, self._lock = keys, clock, Lock()
        self._known: Mapping[bytes, Known] = {}
        self._read_at, self.used = float("-inf"), set[int]()

    def find(self, text: str) -> Known | None:
        """Give a key by its text, from memory."""
        found = self._known.get(digest(text)) if text else None
        if found:
            self.used.add(found.id)
        return found

    def allows(self, origin: str) -> bool:
        """Whether any key may be used from a page of this origin."""
        return any(known.may_come_from(origin) for known in self._known.values())

    @property
    def age(self) -> float:
        """Seconds since the keys were read."""
        return self._clock() - self._read_at

    def refresh(self, older_than: float = STALE_SECONDS) -> None:
        """Read the keys where they are older; where that fails those in memory stay in use."""
        with self._lock:
            if self.age < older_than:
                return
            try:
                self._known = self._keys.read()
                self._read_at = self._clock()
                self._note()
            except Exception:
                _log.exception("the write keys could not be read")
                if self._read_at == float("-inf"):
                    raise

    def _note(self) -> None:
        used, self.used = self.used, set()
        if used:
            self._keys.note(used)
