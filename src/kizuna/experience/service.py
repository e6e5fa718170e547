"""Service levels in open hours: how much open time lies between two moments, when time is up, why.

A calendar has any number of stretches for each day of the week (a lunch break parts a day in two),
days that are closed, and a time zone in which all of that is meant. Time is counted on the clock of
the world: an hour that summer time adds or takes away is counted as it was. While the company waits
for the customer, the clock stands still.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_MINUTES = 24 * 60
DAYS_OF_WEEK = 7
LONGEST = 400
"""Days to look ahead for open time; a calendar closed for longer is an error."""
A_DAY = timedelta(days=1)

type Stretch = tuple[datetime, datetime]
"""From one moment, in UTC, up to another."""
type Pause = tuple[datetime, datetime | None]
"""From a moment up to another, or without end so far."""


class CalendarError(ValueError):
    """A calendar that contradicts itself or is never open.

    Attributes
    ----------
    code : empty, order, overlap, range, zone or days.
    weekday : day that it is about, 0 for Monday; -1: none.

    """

    def __init__(self, code: str, weekday: int = -1) -> None:
        super().__init__(f"calendar: {code}" + (f" on weekday {weekday}" if weekday >= 0 else ""))
        self.code, self.weekday = code, weekday


@dataclass(frozen=True, slots=True)
class Part:
    """A step of counting: a stretch of open time on a day, and what is left of it after."""

    day: date
    from_at: datetime
    until_at: datetime
    minutes: float
    left: float


@dataclass(frozen=True, slots=True)
class Deadline:
    """When time is up, and each stretch that was counted on the way; None: the clock stands."""

    due_at: datetime | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class OpenHours:
    """When a company is open.

    Attributes
    ----------
    week : for each day from Monday, stretches of (opens, closes) in minutes since midnight.
    zone : IANA name of the time zone in which the minutes are meant.
    closed : days without any.

    """

    week: tuple[tuple[tuple[int, int], ...], ...]
    zone: str = "UTC"
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != DAYS_OF_WEEK:
            raise CalendarError("days")
        if not any(self.week):
            raise CalendarError("empty")
        for weekday, stretches in enumerate(self.week):
            _check(weekday, stretches)
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CalendarError("zone") from error

    def minutes(self, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> float:
        """Count the open minutes from one moment to another, less those of pauses."""
        if end <= start:
            return 0.0
        return sum(_length(s) for s in _without(self._between(start, end), pauses))

    def deadline(self, start: datetime, minutes: float, pauses: Sequence[Pause] = ()) -> Deadline:
        """Find the moment at which so many open minutes are up, step by step.

        Raises
        ------
        CalendarError
            When nothing is open for more than a year.

        """
        left, parts = float(minutes), list[Part]()
        standing = min((p[0] for p in pauses if p[1] is None), default=None)
        for stretch in _without(self._from(start), pauses):
            counted = min(_length(stretch), left)
            left -= counted
            until = stretch[0] + timedelta(minutes=counted)
            parts.append(Part(self._local(stretch[0]), stretch[0], until, counted, left))
            if left <= 0:
                return Deadline(until, tuple(parts))
        if standing is None:
            raise CalendarError("empty")
        return Deadline(None, tuple(parts))

    def _from(self, start: datetime) -> Iterator[Stretch]:
        return self._between(start, start + LONGEST * A_DAY)

    def _between(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """Give the open stretches, cut at both ends, in their order."""
        # a day of the zone may begin up to a day before or after that of UTC
        day, last = self._local(start), self._local(end)
        while day <= last:
            for stretch in self._of(day):
                cut = max(stretch[0], start), min(stretch[1], end)
                if cut[0] < cut[1]:
                    yield cut
            day += A_DAY

    def _of(self, day: date) -> Iterator[Stretch]:
        if day in self.closed:
            return
        for opens, closes in sorted(self.week[day.weekday()]):
            yield self._moment(day, opens), self._moment(day, closes)

    def _moment(self, day: date, minutes: int) -> datetime:
        whole, rest = divmod(minutes, DAY_MINUTES)
        on = day + whole * A_DAY
        local = datetime(
            on.year, on.month, on.day, rest // 60, rest % 60, tzinfo=ZoneInfo(self.zone)
        )
        return local.astimezone(UTC)

    def _local(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Level:
    """What came of a promise: met, missed, running or paused; and the open minutes used."""

    state: str
    due_at: datetime | None
    used: float


def level(
    hours: OpenHours,
    *,
    start: datetime,
    promised: float,
    done: datetime | None,
    now: datetime,
    pauses: Sequence[Pause] = (),
) -> Level:
    """Hold what was done to what was promised; at the deadline itself it is met."""
    due_at = hours.deadline(start, promised, pauses).due_at
    used = hours.minutes(start, done or now, pauses)
    return Level(_state(due_at, done, now), due_at, used)


def _state(due_at: datetime | None, done: datetime | None, now: datetime) -> str:
    if due_at is None:
        return "met" if done is not None else "paused"
    if done is not None:
        return "met" if done <= due_at else "missed"
    return "missed" if now > due_at else "running"


def _check(weekday: int, stretches: Sequence[tuple[int, int]]) -> None:
    before = 0
    for opens, closes in sorted(stretches):
        if not 0 <= opens <= DAY_MINUTES or not 0 <= closes <= DAY_MINUTES:
            raise CalendarError("range", weekday)
        if closes <= opens:
            raise CalendarError("order", weekday)
        if opens < before:
            raise CalendarError("overlap", weekday)
        before = closes


def _without(stretches: Iterator[Stretch], pauses: Sequence[Pause]) -> Iterator[Stretch]:
    """Take pauses out of open stretches."""
    ordered = sorted(pauses, key=lambda pause: pause[0])
    for stretch in stretches:
        start, end = stretch
        for begin, stop in ordered:
            if begin >= end or (stop is not None and stop <= start):
                continue
            if begin > start:
                yield start, begin
            start = end if stop is None else max(start, min(stop, end))
        if start < end:
            yield start, end


def _length(stretch: Stretch) -> float:
    return (stretch[1] - stretch[0]).total_seconds() / 60
