"""A calendar as RFC 5545 lays it down: escaped, folded at 75 octets, lines that end in CRLF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

OCTETS = 75
PRODUCT = "-//Kizuna//Renewals//EN"
ESCAPED = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\r\n": "\\n", "\n": "\\n", "\r": "\\n"}
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """A day, or a moment on the organisation's clock with how long it takes."""

    uid: str
    at: date | datetime
    summary: str
    description: str = ""
    url: str = ""
    minutes: int = 30


def calendar(name: str, events: Sequence[Event], *, zone: str, stamp: datetime) -> str:
    """Write a calendar; days are days, moments carry their zone and its rules."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        f"X-WR-TIMEZONE:{zone}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        *_zone(zone, [event.at for event in events if isinstance(event.at, datetime)]),
    ]
    for event in events:
        lines += _event(event, zone, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(event: Event, zone: str, stamp: datetime) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{escaped(event.uid)}", f"DTSTAMP:{_utc(stamp)}"]
    if isinstance(event.at, datetime):
        local = event.at.astimezone(ZoneInfo(zone))
        ends = local + timedelta(minutes=event.minutes)
        lines += [f"DTSTART;TZID={zone}:{_local(local)}", f"DTEND;TZID={zone}:{_local(ends)}"]
    else:
        ends_on = event.at + A_DAY  # the end of a day is the next one, which is not in it
        lines += [f"DTSTART;VALUE=DATE:{event.at:%Y%m%d}", f"DTEND;VALUE=DATE:{ends_on:%Y%m%d}"]
        lines.append("TRANSP:TRANSPARENT")
    lines.append(f"SUMMARY:{escaped(event.summary)}")
    if event.description:
        lines.append(f"DESCRIPTION:{escaped(event.description)}")
    if event.url:
        lines.append(f"URL:{event.url}")
    return [*lines, "END:VEVENT"]


def escaped(text: str) -> str:
    """Write a text so that no character of it ends the value or the line."""
    for character, instead in ESCAPED.items():
        text = text.replace(character, instead)
    return "".join(c for c in text if c == "\t" or not (ord(c) < 32 or ord(c) == 127))


def folded(line: str) -> str:
    """Break a line after at most 75 octets, never within a character."""
    return "\r\n ".join(_parts(line))


def _parts(line: str) -> Iterator[str]:
    part, used = "", 0
    for character in line:
        octets = len(character.encode("utf-8"))
        if used + octets > OCTETS:
            yield part
            part, used = "", 1  # the space that goes before what is continued
        part, used = part + character, used + octets
    yield part


def _zone(zone: str, moments: Sequence[datetime]) -> list[str]:
    """Write the rules of a zone over the days of the events: each offset from when it holds."""
    if not moments:
        return []
    where = ZoneInfo(zone)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
    for begins, before, offset, is_dst, name in _offsets(where, moments):
        kind = "DAYLIGHT" if is_dst else "STANDARD"
        lines += [f"BEGIN:{kind}", f"DTSTART:{begins}", f"TZOFFSETFROM:{_offset(before)}"]
        lines += [f"TZOFFSETTO:{_offset(offset)}", f"TZNAME:{name}", f"END:{kind}"]
    return [*lines, "END:VTIMEZONE"]


def _offsets(
    where: ZoneInfo, moments: Sequence[datetime]
) -> Iterator[tuple[str, timedelta, timedelta, bool, str]]:
    """Give the offset that holds first, and each change after it."""
    first = min(moments).astimezone(UTC) - A_DAY
    last = max(moments).astimezone(UTC) + A_DAY
    at = first.replace(hour=0, minute=0, second=0, microsecond=0)
    now = _of(at, where)
    yield (
        "19700101T000000",
        now,
        now,
        bool(at.astimezone(where).dst()),
        at.astimezone(where).tzname() or "",
    )
    while at < last:
        at += timedelta(hours=1)
        found = _of(at, where)
        if found != now:
            local = at.astimezone(where)
            begins = _local((at + now).replace(tzinfo=None))
            yield begins, now, found, bool(local.dst()), local.tzname() or ""
            now = found


def _of(at: datetime, where: ZoneInfo) -> timedelta:
    return at.astimezone(where).utcoffset() or timedelta()


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}Z"


def _local(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S}"
