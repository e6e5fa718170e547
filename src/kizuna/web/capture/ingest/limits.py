"""How many messages a second a key may send: one count for all processes of the machine.

The file holds one number a key: the moment at which what was taken so far would be due at the
key's rate (GCRA). It may be a second ahead of the clock; a batch that is let in is paid for by
those that come after it. So within any T seconds no more than rate × (T + 1) messages and one
batch are taken.
"""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

SLOT: Final = struct.Struct("=d")
SLOTS: Final = 65_536
BURST_SECONDS: Final = 1.0
FILE: Final = "rates"


class Limits:
    """The counts; `now` is of the monotonic clock, which all processes of a machine share."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, SLOTS * SLOT.size)
        self._due = mmap.mmap(self._file, SLOTS * SLOT.size)
        self._lock = Lock()

    def take(self, key_id: int, per_second: int, messages: int, now: float) -> int:
        """Take messages in, and give 0; or take none, and give the seconds to wait."""
        place = key_id % SLOTS * SLOT.size
        with self._alone(place):
            due = self._read(place, now, per_second)
            if due > now + BURST_SECONDS:
                return max(1, math.ceil(due - now - BURST_SECONDS))
            SLOT.pack_into(self._due, place, max(due, now) + messages / per_second)
            return 0

    @contextmanager
    def _alone(self, place: int) -> Iterator[None]:
        # the file's lock holds other processes off, and no thread of this one
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX, SLOT.size, place)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, SLOT.size, place)

    def _read(self, place: int, now: float, per_second: int) -> float:
        due: float = SLOT.unpack_from(self._due, place)[0]
        # the clock began anew with the machine, or the rate was raised
        furthest = now + BURST_SECONDS + MOST_MESSAGES / per_second
        return due if due <= furthest else 0.0

    def close(self) -> None:
        """Let go of the file."""
        self._due.close()
        os.close(self._file)


MOST_MESSAGES: Final = 250_000
"""More than fit into one batch (`{},` each)."""
