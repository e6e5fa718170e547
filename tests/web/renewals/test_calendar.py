"""The calendar: read back by the grammar of RFC 5545, opened by its address alone, revoked."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.renewals import icalendar
from kizuna.web.act.renewals.icalendar import Event, calendar
from kizuna.web.act.renewals.models import Feed, Renewal
from kizuna.web.act.renewals.services import feeding
from web.conftest import ClientOf

STAMP = datetime(2026, 6, 1, 3, tzinfo=UTC)
LINE = re.compile(
    r'^[A-Z0-9-]+(;[A-Z0-9-]+=("[^"\x00-\x1f]*"|[^";:,\x00-\x1f]*))*:[^\x00-\x08\x0a-\x1f\x7f]*$'
)
"""contentline = name *(";" param) ":" value (RFC 5545, 3.1), once unfolded."""


def read(text: str) -> list[tuple[str, str]]:
    """Read a calendar by the grammar: lines of octets, unfolded, names and values, components."""
    octets = text.encode("utf-8")
    assert octets.endswith(b"\r\n")
    lines = octets.split(b"\r\n")[:-1]
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode("utf-8")  # a fold within a character would break it
    unfolded = octets.replace(b"\r\n ", b"").decode("utf-8").split("\r\n")[:-1]
    assert [line for line in unfolded if not LINE.match(line)] == []
    pairs = [(line.split(":", 1)[0], line.split(":", 1)[1]) for line in unfolded]
    opened: list[str] = []
    for name, value in pairs:
        if name == "BEGIN":
            opened.append(value)
        elif name == "END":
            assert opened.pop() == value
    assert opened == []
    return pairs


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], text)


def values(pairs: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in pairs if key == name]


def test_days_are_days_and_moments_carry_their_zone() -> None:
    events = [
        Event("a", date(2026, 8, 31), "期限; 更新, 要確認\nつづき\\", url="https://x.example/1"),
        Event("b", datetime(2026, 6, 5, 0, tzinfo=UTC), "Say"),
    ]
    pairs = read(calendar("My renewals", events, zone="Asia/Tokyo", stamp=STAMP))
    assert pairs[:2] == [("BEGIN", "VCALENDAR"), ("VERSION", "2.0")]
    assert values(pairs, "DTSTART;VALUE=DATE") == ["20260831"]
    assert values(pairs, "DTEND;VALUE=DATE") == ["20260901"]
    assert values(pairs, "DTSTART;TZID=Asia/Tokyo") == ["20260605T090000"]
    assert values(pairs, "DTSTAMP") == ["20260601T030000Z"] * 2
    assert unescaped(values(pairs, "SUMMARY")[0]) == "期限; 更新, 要確認\nつづき\\"
    assert values(pairs, "TZID") == ["Asia/Tokyo"]
    assert values(pairs, "TZOFFSETTO") == ["+0900"]


def test_a_zone_with_summer_time_tells_when_its_clocks_change() -> None:
    events = [Event(str(m), datetime(2026, m, 1, 9, tzinfo=UTC), "x") for m in (2, 6, 12)]
    pairs = read(calendar("x", events, zone="Europe/Berlin", stamp=STAMP))
    assert values(pairs, "TZOFFSETTO") == ["+0100", "+0200", "+0100"]
    assert "20260329T020000" in values(pairs, "DTSTART")
    assert values(pairs, "BEGIN").count("DAYLIGHT") == 1


@given(st.text(max_size=200))
def test_whatever_a_name_holds_it_is_read_back_and_ends_no_line(text: str) -> None:
    said = text.encode("utf-8", "ignore").decode("utf-8")
    event = Event("a", date(2026, 8, 31), said, said)
    pairs = read(calendar(said, [event], zone="Asia/Tokyo", stamp=STAMP))
    whole = said.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(c for c in whole if c in "\t\n" or not (ord(c) < 32 or ord(c) == 127))
    assert unescaped(values(pairs, "SUMMARY")[0]) == plain
    assert values(pairs, "BEGIN") == ["VCALENDAR", "VEVENT"]


def test_the_grammar_bites_where_nothing_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icalendar, "escaped", lambda text: text)
    event = Event("a", date(2026, 8, 31), "x\r\nEND:VEVENT")
    with pytest.raises(AssertionError):
        read(calendar("x", [event], zone="Asia/Tokyo", stamp=STAMP))


def test_the_grammar_bites_where_lines_are_not_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icalendar, "folded", lambda line: line)
    with pytest.raises(AssertionError):
        read(calendar("更新" * 40, [], zone="Asia/Tokyo", stamp=STAMP))


@pytest.mark.django_db
def test_the_address_opens_the_calendar_without_signing_in_until_it_is_revoked(
    followed: dict[str, Renewal], client_of: ClientOf, ben: Person
) -> None:
    browser, program = client_of(ben), Client()
    browser.post("/renewals/calendar")
    page = browser.get("/renewals/calendar").content.decode()
    (path,) = re.findall(r"http://testserver(/renewals/calendar/[^<]+\.ics)", page)
    answer = program.get(path)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    pairs = read(answer.content.decode())
    assert "Last day for notice: Acme" in values(pairs, "SUMMARY")
    feed = Feed.objects.get()
    assert feed.read_at is not None
    assert feed.nonce not in ("", path)
    browser.post(f"/renewals/calendar/{feed.pk}/revoke")
    assert program.get(path).status_code == 404


@pytest.mark.django_db
def test_an_address_that_was_made_up_or_of_someone_who_left_opens_nothing(
    followed: dict[str, Renewal], ben: Person, aiko: Person
) -> None:
    mine, team = feeding.make(actor=ben), feeding.make(actor=aiko, of_team=True)
    token = feeding.token_of(mine)
    assert feeding.feed_of(token) == mine
    for wrong in (token[:-1], token.replace(f"{mine.pk}-", f"{team.pk}-"), "", "x" * 500):
        assert feeding.feed_of(wrong) is None
    aiko.role = Role.MEMBER
    aiko.save()
    assert feeding.feed_of(feeding.token_of(team)) is None
    ben.is_active = False
    ben.save()
    assert feeding.feed_of(token) is None
