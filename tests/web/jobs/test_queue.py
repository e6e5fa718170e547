"""The queue behind Django's task API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import IntegrityError, transaction
from django.tasks import TaskResultStatus, default_task_backend
from django.tasks.exceptions import TaskResultDoesNotExist
from django.utils import timezone

from job_examples import (
    broken,
    fresh,
    halfway,
    hopeless,
    note,
    of_customer,
    stubborn,
    unwritable,
)
from kizuna.web.jobs import leases, progress
from kizuna.web.jobs.models import Job, State
from kizuna.web.jobs.tasks import JobTask
from kizuna.web.jobs.testing import run_all

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def claimed(worker: str = "w", now: datetime | None = None) -> Job:
    """Take the next job."""
    job = leases.claim(worker=worker, now=now or timezone.now(), lease=MINUTE)
    assert job
    return job


def test_a_task_runs_once_and_gives_its_result() -> None:
    asked = note.enqueue("a")
    assert (run_all(), run_all()) == (1, 0)
    asked.refresh()
    assert (asked.return_value, asked.status) == ("a", TaskResultStatus.SUCCESSFUL)


def test_a_task_that_fails_fails_the_test_that_ran_it() -> None:
    broken.enqueue()
    with pytest.raises(AssertionError, match="no such luck"):
        run_all()


def test_a_result_that_was_never_asked_for_is_not_found() -> None:
    for unknown in ("12345", "not a number"):
        with pytest.raises(TaskResultDoesNotExist):
            default_task_backend.get_result(unknown)


def test_a_failed_job_is_tried_again_later_and_later_and_kept_with_its_errors() -> None:
    asked, now = stubborn.enqueue(), timezone.now()
    waits = []
    for _try in range(3):
        run_all(clock=lambda now=now: now, failures=True)
        job = Job.objects.get(pk=asked.id)
        waits.append((job.run_after - now).total_seconds())
        now = max(job.run_after, now)
    assert 5 <= waits[0] <= 15
    assert 10 <= waits[1] <= 30
    assert (job.state, job.attempts, len(job.errors)) == (State.FAILED, 3, 3)
    assert job.last_error == "ValueError: no such luck"


def test_waits_double_with_jitter_and_end_at_an_hour() -> None:
    assert isinstance(stubborn, JobTask)
    waits = [stubborn.wait(tries, Random(tries)) for tries in (1, 4, 400)]
    assert waits[0] < timedelta(seconds=16) < waits[1] < timedelta(minutes=2)
    assert timedelta(minutes=29) < waits[2] < timedelta(minutes=91)
    assert stubborn.wait(1, Random(1)) != stubborn.wait(1, Random(2))


def test_a_job_that_cannot_succeed_is_not_tried_again() -> None:
    asked = hopeless.enqueue()
    run_all(failures=True)
    job = Job.objects.get(pk=asked.id)
    assert (job.state, job.attempts) == (State.FAILED, 1)


def test_a_result_that_cannot_be_kept_is_a_failure() -> None:
    unwritable.enqueue()
    run_all(failures=True)
    assert "Unsupported type" in Job.objects.get().last_error


def test_a_task_whose_code_is_gone_fails_and_stops_nobody() -> None:
    note.enqueue("gone")
    Job.objects.update(task="job_examples.no_such_task")
    note.enqueue("here")
    assert run_all(failures=True) == 2
    assert [job.state for job in Job.objects.order_by("pk")] == [State.WAITING, State.DONE]


def test_higher_priority_goes_first_then_who_waited_longest() -> None:
    for text, priority in (("a", 0), ("b", 0), ("c", 5), ("d", -5)):
        note.using(priority=priority).enqueue(text)
    assert [claimed().args for _job in range(4)] == [["c"], ["a"], ["b"], ["d"]]


def test_a_job_waits_for_its_time() -> None:
    now = timezone.now()
    asked = note.using(run_after=now + MINUTE).enqueue("later")
    run_all(clock=lambda: now)
    asked.refresh()
    assert asked.status == TaskResultStatus.READY
    run_all(clock=lambda: now + MINUTE)
    asked.refresh()
    assert asked.status == TaskResultStatus.SUCCESSFUL


def test_a_job_asked_for_in_a_transaction_that_failed_was_never_asked_for() -> None:
    with transaction.atomic():
        note.enqueue("a")
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_a_key_is_asked_for_once_while_it_waits_or_runs() -> None:
    first, other = of_customer.enqueue("aoi"), of_customer.enqueue("ren")
    assert of_customer.enqueue("aoi").id == first.id != other.id
    job = claimed()
    assert of_customer.enqueue("aoi").id == first.id
    leases.finish(job, None, now=timezone.now())
    assert of_customer.enqueue("aoi").id != first.id


def test_what_is_asked_for_while_it_runs_runs_once_more() -> None:
    first = fresh.enqueue()
    job = claimed()
    assert [fresh.enqueue().id for _ask in range(3)] == [first.id] * 3
    leases.finish(job, None, now=timezone.now())
    assert (run_all(), run_all()) == (1, 0)


def test_the_database_itself_refuses_a_second_living_job_of_a_key() -> None:
    of_customer.enqueue("aoi")
    job = Job.objects.get()
    job.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        job.save()


def test_a_job_is_taken_by_one_only() -> None:
    note.enqueue("a")
    seen = Job.objects.get()
    now = timezone.now()
    taken = [leases.take(seen, worker=name, now=now, lease=MINUTE) for name in "ab"]
    assert taken == [True, False]


def test_a_lease_that_ran_out_is_free_and_who_had_it_can_write_no_more() -> None:
    note.enqueue("a")
    now = timezone.now()
    lost = claimed("first", now)
    assert leases.recover(now=now + MINUTE / 2) == []
    assert leases.recover(now=now + 2 * MINUTE) == [lost]
    mine = claimed("second", now + 2 * MINUTE)
    assert not leases.renew(lost, now=now, lease=MINUTE)
    with pytest.raises(leases.LeaseLost):
        leases.finish(lost, "late", now=now)
    leases.finish(mine, "in time", now=now)
    assert Job.objects.get().result == "in time"


def test_a_job_that_ends_every_worker_is_given_up() -> None:
    note.enqueue("a")
    now = timezone.now()
    for _try in range(3):
        claimed("w", now)
        now += 2 * MINUTE
        leases.recover(now=now)
    assert Job.objects.get().state == State.FAILED


def test_progress_is_kept_and_said_in_the_language_of_whoever_reads() -> None:
    asked = halfway.enqueue()
    assert run_all() == 1
    job = Job.objects.get(pk=asked.id)
    assert job.progress_text == "Read 3 rows"
    assert (job.share, job.percent) == (1.0, 100)


def test_progress_outside_of_a_job_is_nothing() -> None:
    progress.report(0.5, "alone")


def test_a_cancelled_job_ends_where_it_next_reports() -> None:
    halfway.enqueue()
    job = claimed()
    Job.objects.update(cancel_asked=True)
    with progress.of(job), pytest.raises(leases.Cancelled):
        progress.report(0.1, "more")


def test_who_lost_the_lease_learns_so_where_it_next_reports() -> None:
    halfway.enqueue()
    job = claimed()
    leases.recover(now=timezone.now() + 2 * MINUTE)
    with progress.of(job), pytest.raises(leases.LeaseLost):
        progress.report(0.1, "more")


def test_moments_are_kept() -> None:
    now = datetime(2026, 11, 1, 3, tzinfo=UTC)
    note.using(run_after=now).enqueue("a")
    run_all(clock=lambda: now)
    job = Job.objects.get()
    assert (job.started_at, job.attempted_at, job.finished_at) == (now, now, now)
