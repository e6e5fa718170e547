"""The order of somebody's work: by what a minute is worth, cut into days, what is due first."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.jobs import work_queue
from kizuna.jobs.work_queue import Place, Work, in_order, urgency
from kizuna.pipeline.business_days import after

TODAY = date(2026, 4, 27)  # a Monday; 29 April and 3 to 5 May are holidays
CLOSED = {
    day
    for k in range(-100, 400)
    if (day := TODAY + timedelta(days=k)).weekday() >= 5
    or day in {date(2026, 4, 29), date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)}
}


def ordered(*works: Work, minutes: int = 240) -> list[Place]:
    return in_order(works, today=TODAY, minutes_a_day=minutes, closed=CLOSED)


def work(
    key: int, due: int, minutes: int = 30, stake: float | None = 100.0, must: bool = False
) -> Work:
    return Work(key, after(TODAY, due, CLOSED), minutes, stake, must)


def test_what_is_worth_most_a_minute_comes_first() -> None:
    places = ordered(
        work(1, due=0, stake=100.0),
        work(2, due=0, stake=150.0, minutes=60),
        work(3, due=5, stake=300.0),
    )
    assert [place.work.key for place in places] == [3, 1, 2]
    assert [round(place.a_minute, 2) for place in places] == [5.0, 3.33, 2.5]


def test_urgency_is_one_when_due_half_a_week_before_and_grows_while_late() -> None:
    assert [urgency(left) for left in (0, 5, -3, -50)] == [1.0, 0.5, 1.3, 2.0]


def test_days_are_business_days_of_the_calendar() -> None:
    (place,) = ordered(Work(1, date(2026, 5, 7), 30, 100.0))
    assert place.days_left == 4  # 28 and 30 April, 1 and 7 May: not the golden week


def test_what_has_to_be_done_goes_first_once_it_is_about_to_be_late() -> None:
    notice, money = work(1, due=1, stake=0.0, must=True), work(2, due=0, stake=1e9)
    assert [place.work.key for place in ordered(notice, money)] == [1, 2]
    later = work(1, due=2, stake=0.0, must=True)
    assert [place.work.key for place in ordered(later, money)] == [2, 1]


def test_a_stake_that_is_not_known_counts_as_the_usual_one_and_says_so() -> None:
    places = ordered(work(1, 0, stake=10.0), work(2, 0, stake=None), work(3, 0, stake=90.0))
    assert [place.work.key for place in places] == [3, 2, 1]
    assert [place.is_stake_known for place in places] == [True, False, True]
    assert places[1].stake == 50.0


def test_the_minutes_of_a_day_cut_the_queue_into_days() -> None:
    places = ordered(*(work(k, due=2, minutes=60) for k in range(5)), minutes=120)
    assert [place.planned_on for place in places] == [
        *(date(2026, 4, 27), date(2026, 4, 27)),
        *(date(2026, 4, 28), date(2026, 4, 28)),
        date(2026, 4, 30),
    ]
    assert [place.too_late for place in places] == [False] * 5


def test_on_a_closed_day_the_first_turn_comes_on_the_next_business_day() -> None:
    works = [work(k, due=2, minutes=60) for k in range(3)]
    sunday = date(2026, 4, 26)
    places = in_order(works, today=sunday, minutes_a_day=60, closed=CLOSED)
    assert [place.planned_on for place in places] == [
        *(date(2026, 4, 27), date(2026, 4, 28), date(2026, 4, 30))
    ]


def test_what_does_not_fit_before_it_is_due_is_said_to_be_too_late() -> None:
    places = ordered(work(1, 0, minutes=200), work(2, 0, minutes=200), minutes=240)
    assert [place.too_late for place in places] == [False, True]


def test_who_has_no_time_gets_nothing_done() -> None:
    (place,) = ordered(work(1, 3), minutes=0)
    assert (place.planned_on, place.too_late) == (None, True)


works = st.lists(
    st.tuples(st.integers(0, 9), st.integers(5, 120), st.floats(0, 1e6)), min_size=1, max_size=6
)


@given(works)
def test_no_other_order_secures_more_by_any_minute(given: list[tuple[int, int, float]]) -> None:
    """Smith's rule: the sum of worth × minute of its end is the least of all orders."""
    found = ordered(*(work(k, d, m, s) for k, (d, m, s) in enumerate(given)))

    def waited(order: list[Place]) -> float:
        at, total = 0, 0.0
        for place in order:
            at += place.work.minutes
            total += at * place.stake * place.urgency
        return total

    best = min(waited(list(order)) for order in permutations(found))
    assert waited(found) <= best * (1 + 1e-9) + 1e-6


def test_the_rule_bites_where_minutes_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(work: Work, unknown: float, today: date, closed: object) -> tuple[object, ...]:
        return work, 0, False, work.stake, work.stake

    monkeypatch.setattr(work_queue, "_weighed", blind)
    places = ordered(work(1, 0, minutes=30), work(2, 0, minutes=240, stake=200.0))
    assert [place.work.key for place in places] == [2, 1]
