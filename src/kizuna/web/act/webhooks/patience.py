"""When a delivery is tried again, and when it is given up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600
    )
)  # fmt: skip
"""The wait before each try: ten of them, over some three days."""
LONGEST = timedelta(hours=24)
JITTER = 0.1
GONE = 410


def next_try(
    tries: int, now: datetime, chance: Random, headers: Mapping[str, str]
) -> datetime | None:
    """Give the moment of the next try after `tries`; None: there is none.

    The wait is up to a tenth longer, so that failures do not march in step, and never shorter than
    the other side asked for, within a day.
    """
    if tries >= len(WAITS):
        return None
    wait = WAITS[tries] * chance.uniform(1, 1 + JITTER)
    return now + max(wait, min(asked(headers, now), LONGEST))


def asked(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Read `Retry-After`, in seconds or as a date; nothing where it says nothing."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return timedelta(seconds=min(int(said[:9]), 1_000_000))
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError):
        return timedelta()
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta())
