"""When a message is tried again, and how long a channel is left alone that does not work."""

from __future__ import annotations

from datetime import timedelta
from random import Random

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600, 840))
"""The wait after each try that was put off: eight tries in all, over some 32 hours."""
QUIET = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 300, 600))
LONGEST = timedelta(hours=24)
JITTER = 0.1


def again_in(tries: int, asked: float, chance: Random) -> timedelta | None:
    """Give the wait after so many tries; None: it is given up."""
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1] * chance.uniform(1, 1 + JITTER)
    return max(wait, min(timedelta(seconds=asked), LONGEST))


def quiet_for(silences: int, asked: float) -> timedelta:
    """Give how long a channel is left alone that failed so many times in a row."""
    quiet = QUIET[min(max(silences, 1), len(QUIET)) - 1]
    return max(quiet, min(timedelta(seconds=asked), LONGEST))
