"""Time zones in SQL: from local time to UTC and back.

A zone whose offset never changed since 1970 (Japan, UTC, …) is plain arithmetic, which the engine
does many times faster than it looks up the rules of a zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from kizuna.pipeline.engine import quoted
from kizuna.pipeline.errors import InputError

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Zone:
    """An IANA time zone, e.g. Asia/Tokyo."""

    name: str

    @cached_property
    def constant_minutes(self) -> int | None:
        """Minutes ahead of UTC if they never changed since 1970, else None."""
        rules, weeks = _rules(self.name), (LAST - FIRST).days // 7
        moments = (FIRST + timedelta(weeks=week) for week in range(weeks))
        offsets = {moment.astimezone(rules).utcoffset() for moment in moments}
        only = offsets.pop() if len(offsets) == 1 else None
        return None if only is None else round(only / timedelta(minutes=1))

    @property
    def is_cheap(self) -> bool:
        """Tell whether converting costs next to nothing."""
        return self.constant_minutes is not None

    def to_utc(self, local: str) -> str:
        """SQL: a local TIMESTAMP as the UTC one."""
        if self.constant_minutes is not None:
            return _shifted(local, -self.constant_minutes)
        return f"make_timestamp(epoch_us(timezone({quoted(self.name)}, {local})))"

    def to_local(self, utc: str) -> str:
        """SQL: a UTC TIMESTAMP as the local one."""
        if self.constant_minutes is not None:
            return _shifted(utc, self.constant_minutes)
        return f"timezone({quoted(self.name)}, timezone('UTC', {utc}))"


def _rules(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InputError(
            f"there is no time zone {name!r}: give an IANA name to --timezone, e.g. Asia/Tokyo"
        ) from error


def _shifted(timestamp: str, minutes: int) -> str:
    return f"({timestamp} + to_minutes({minutes}))" if minutes else timestamp
