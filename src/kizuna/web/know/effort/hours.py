"""Open hours as people write them: 9:00-12:00, 13:00-18:00."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kizuna.experience.service import CalendarError

STRETCH = re.compile(r"(\d{1,2}):(\d{2})\s*[-–~〜]\s*(\d{1,2}):(\d{2})", re.ASCII)
MOST = 10
"""Stretches of a day."""

type Day = list[list[int]]


def read_day(text: str, weekday: int) -> Day:
    """Read the stretches of a day, in minutes since midnight; nothing is closed.

    Raises
    ------
    CalendarError
        When one is no stretch: with the code `written`, or `range` where a time is none.

    """
    parts = [part.strip() for part in re.split(r"[,、，]", text) if part.strip()]
    found = [STRETCH.fullmatch(part) for part in parts]
    if len(parts) > MOST or not all(found):
        raise CalendarError("written", weekday)
    return [_minutes([int(n) for n in match.groups()], weekday) for match in found if match]


def written(day: Sequence[Sequence[int]]) -> str:
    """Write the stretches of a day."""
    times = (f"{_time(opens)}-{_time(closes)}" for opens, closes in day)
    return ", ".join(times)


def _minutes(numbers: list[int], weekday: int) -> list[int]:
    begin_hour, begin, end_hour, end = numbers
    if begin > 59 or end > 59:
        raise CalendarError("range", weekday)
    return [begin_hour * 60 + begin, end_hour * 60 + end]


def _time(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
