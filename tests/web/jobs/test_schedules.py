"""Schedules: due at their moments, once each."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import override_settings

from job_examples import note_tick
from kizuna.web.jobs import schedules, upkeep
from kizuna.web.jobs.models import Job, State, Tick
from kizuna.web.jobs.schedules import Schedule

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def hourly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "_declared", {})
    schedules.declare(name="hourly", task=note_tick, every=HOUR)


@pytest.mark.usefixtures("hourly", "db")
def test_a_new_schedule_waits_for_its_next_moment_and_then_runs_once() -> None:
    for minutes in (5, 10, 65, 70):
        schedules.enqueue_due(now=NOON + timedelta(minutes=minutes))
    assert [tick.due_at for tick in Tick.objects.order_by("due_at")] == [NOON, NOON + HOUR]
    assert Job.objects.count() == 1


@pytest.mark.usefixtures("hourly", "db")
def test_moments_missed_while_nobody_worked_are_made_up_for_once() -> None:
    schedules.enqueue_due(now=NOON)
    schedules.enqueue_due(now=NOON + 30 * HOUR)
    assert Job.objects.count() == 1


@pytest.mark.usefixtures("hourly", "db")
def test_a_worker_that_comes_second_enqueues_nothing() -> None:
    schedules.enqueue_due(now=NOON)
    [schedule] = schedules.declared()
    for _worker in range(2):
        schedules._tick(schedule, NOON + HOUR, first=False, now=NOON + HOUR)
    assert (Job.objects.count(), Tick.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-11-01T02:59+09:00", "2026-10-31T03:00+09:00", "2026-11-01T03:00+09:00"),
        ("2026-11-01T03:00+09:00", "2026-11-01T03:00+09:00", "2026-11-02T03:00+09:00"),
    ],
)
def test_a_time_of_day_is_on_the_clock_of_the_organisation(
    now: str, last: str, following: str
) -> None:
    nightly = Schedule(name="nightly", task=note_tick, at=time(3))
    with override_settings(TIME_ZONE="Asia/Tokyo"):
        assert nightly.last_due(datetime.fromisoformat(now)) == datetime.fromisoformat(last)
        assert nightly.next_due(datetime.fromisoformat(now)) == datetime.fromisoformat(following)


@override_settings(TIME_ZONE="Europe/Berlin")
def test_a_day_of_25_hours_has_one_moment_too() -> None:
    nightly = Schedule(name="nightly", task=note_tick, at=time(23, 45))
    now, dues = datetime(2026, 10, 24, tzinfo=UTC), set()
    while now < datetime(2026, 10, 27, tzinfo=UTC):
        assert nightly.last_due(now) <= now < nightly.next_due(now)
        dues.add(nightly.last_due(now))
        now += timedelta(minutes=15)
    assert len(dues) == 4


def test_a_schedule_has_either_a_period_or_a_time() -> None:
    with pytest.raises(ValueError, match="either every= or at="):
        Schedule(name="both", task=note_tick, every=HOUR, at=time(3))


@pytest.mark.django_db
def test_what_is_old_is_cleared_away_and_what_lives_stays() -> None:
    old = NOON - timedelta(days=31)
    for state, leased in [(s, s == State.RUNNING) for s in State]:
        Job.objects.create(
            task="t",
            state=state,
            run_after=old,
            enqueued_at=old,
            finished_at=old,
            leased_until=old if leased else None,
        )
    for days in (60, 40):
        Tick.objects.create(schedule="hourly", due_at=NOON - timedelta(days=days))
    assert upkeep.clear_before(NOON) == 3
    assert {job.state for job in Job.objects.all()} == {"waiting", "running", "failed"}
    assert Tick.last_of("hourly") == NOON - timedelta(days=40)
