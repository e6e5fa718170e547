"""Open hours: counting, deadlines step by step, lunch, holidays, zones, summer time, pauses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.experience.service import CalendarError, OpenHours, level

NINE, NOON, ONE, SIX = 540, 720, 780, 1080
LUNCH = ((NINE, NOON), (ONE, SIX))
TOKYO = OpenHours((LUNCH,) * 5 + ((),) * 2, "Asia/Tokyo", frozenset({date(2026, 1, 12)}))
"""Closed on Coming-of-Age Day, a Monday."""


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo("Asia/Tokyo"))


def test_lunch_nights_weekends_and_holidays_are_not_counted() -> None:
    # Friday 17:00 to Tuesday 13:30: an hour, then three hours before lunch, half an hour after
    assert TOKYO.minutes(tokyo("01-09T17:00"), tokyo("01-13T13:30")) == 60 + 180 + 30


def test_a_deadline_tells_each_stretch_that_was_counted() -> None:
    found = TOKYO.deadline(tokyo("01-09T17:00"), 270)
    assert found.due_at == tokyo("01-13T13:30")
    assert [(p.day, p.minutes, p.left) for p in found.parts] == [
        (date(2026, 1, 9), 60, 210),
        (date(2026, 1, 13), 180, 30),
        (date(2026, 1, 13), 30, 0),
    ]


def test_the_zone_is_that_of_the_calendar_wherever_one_reads_it() -> None:
    evening_before = datetime(2026, 1, 8, 23, 0, tzinfo=UTC)  # Friday, 8:00 in Tokyo
    assert TOKYO.deadline(evening_before, 60).due_at == tokyo("01-09T10:00")


def test_summer_time_makes_a_day_as_long_as_it_was() -> None:
    always = OpenHours((((0, 1440),),) * 7, "Europe/Berlin")
    berlin = ZoneInfo("Europe/Berlin")
    day, after = datetime(2026, 3, 29, tzinfo=berlin), datetime(2026, 3, 30, tzinfo=berlin)
    assert always.minutes(day.astimezone(UTC), after.astimezone(UTC)) == 23 * 60


def test_the_clock_stands_while_the_customer_is_awaited() -> None:
    pause = (tokyo("01-09T09:30"), tokyo("01-09T11:30"))
    assert TOKYO.deadline(tokyo("01-09T09:00"), 60, [pause]).due_at == tokyo("01-09T12:00")
    assert TOKYO.minutes(tokyo("01-09T09:00"), tokyo("01-09T12:00"), [pause]) == 60


@pytest.mark.parametrize(
    ("done", "now", "state"),
    [
        ("01-09T10:00", "01-20T00:00", "met"),
        ("01-09T10:01", "01-20T00:00", "missed"),
        (None, "01-09T10:00", "running"),
        (None, "01-09T10:01", "missed"),
    ],
)
def test_at_the_deadline_a_promise_is_kept_and_after_it_missed(
    done: str | None, now: str, state: str
) -> None:
    found = level(
        TOKYO,
        start=tokyo("01-09T09:00"),
        promised=60,
        done=None if done is None else tokyo(done),
        now=tokyo(now),
    )
    assert found.state == state


def test_while_it_waits_a_promise_is_paused_unless_it_was_missed_before() -> None:
    start, now = tokyo("01-09T09:00"), tokyo("01-20T00:00")
    early, late = tokyo("01-09T09:30"), tokyo("01-09T10:30")
    asked = {"start": start, "promised": 60.0, "done": None, "now": now}
    assert level(TOKYO, **asked, pauses=[(early, None)]).state == "paused"  # type: ignore[arg-type]
    assert level(TOKYO, **asked, pauses=[(late, None)]).state == "missed"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("monday", "code"),
    [
        (((540, 540),), "order"),
        (((540, 720), (700, 800)), "overlap"),
        (((540, 1500),), "range"),
        ((), "empty"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(
    monday: tuple[tuple[int, int], ...], code: str
) -> None:
    with pytest.raises(CalendarError) as caught:
        OpenHours((monday, *((),) * 6))
    assert caught.value.code == code


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(CalendarError, match="zone"):
        OpenHours((LUNCH,) * 7, "Asia/Edo")


def test_a_calendar_whose_every_day_is_closed_finds_no_deadline() -> None:
    closed = frozenset(date(2026, 1, 1) + timedelta(days=k) for k in range(900))
    with pytest.raises(CalendarError, match="empty"):
        OpenHours((LUNCH,) * 7, "UTC", closed).deadline(tokyo("01-09T09:00"), 1)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))


@given(start=MOMENTS, minutes=st.integers(1, 5_000))
def test_up_to_its_deadline_lie_just_the_minutes_promised(start: datetime, minutes: int) -> None:
    due = TOKYO.deadline(start, minutes).due_at
    assert due is not None
    assert TOKYO.minutes(start, due) == pytest.approx(minutes)


@given(start=MOMENTS, first=st.integers(0, 100_000), second=st.integers(0, 100_000))
def test_open_minutes_of_two_stretches_add_up(start: datetime, first: int, second: int) -> None:
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    parts = TOKYO.minutes(start, middle) + TOKYO.minutes(middle, end)
    assert parts == pytest.approx(TOKYO.minutes(start, end))
