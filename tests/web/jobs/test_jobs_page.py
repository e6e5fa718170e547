"""The page of background work: what it shows, to whom, and its buttons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from job_examples import broken, fresh, halfway, hopeless, note
from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.jobs import leases, services
from kizuna.web.jobs.models import Job, State, Worker
from kizuna.web.jobs.queries import Silence, silence
from kizuna.web.jobs.testing import run_all

type ClientOf = Callable[[Person], Client]

PAGE = "/jobs/"


@pytest.fixture
def dai(ben: Person) -> Person:
    """A manager."""
    ben.role = Role.MANAGER
    ben.save()
    return ben


def failed_job() -> Job:
    """Make a job that failed for good."""
    asked = hopeless.enqueue()
    run_all(failures=True)
    return Job.objects.get(pk=asked.id)


def page(client: Client, **headers: str) -> str:
    """Read the page."""
    return client.get(PAGE, headers=headers).content.decode()


def test_a_member_may_look_and_a_viewer_may_not(
    ben: Person, chiyo: Person, client_of: ClientOf
) -> None:
    assert client_of(ben).get(PAGE).status_code == 200
    assert client_of(chiyo).get(PAGE).status_code == 403


def test_where_nothing_ran_the_page_says_what_will_be_here(
    ben: Person, client_of: ClientOf
) -> None:
    assert "When you import a file" in page(client_of(ben))


def test_the_page_shows_what_waits_runs_ran_and_failed(aiko: Person, client_of: ClientOf) -> None:
    failed_job()
    broken.enqueue()
    note.enqueue("a")
    run_all(failures=True)
    halfway.enqueue()
    running = leases.claim(worker="w", now=timezone.now(), lease=timedelta(minutes=1))
    assert running
    Job.objects.filter(pk=running.pk).update(share=0.4, progress="Reading <row> 3")
    shown = page(client_of(aiko))
    for expected in ("Halfway", "40%", "Reading &lt;row&gt; 3", "Hopeless", "the file is gone"):
        assert expected in shown
    assert "tried again after" in shown
    assert "Clear away old jobs" in shown


def test_a_job_whose_worker_is_gone_says_so(ben: Person, client_of: ClientOf) -> None:
    note.enqueue("a")
    long_ago = timezone.now() - timedelta(hours=1)
    Job.objects.update(run_after=long_ago)
    assert leases.claim(worker="w", now=long_ago, lease=timedelta(minutes=1))
    assert "its worker stopped" in page(client_of(ben))


def test_only_managers_see_buttons_and_tracebacks(
    ben: Person, aiko: Person, client_of: ClientOf
) -> None:
    failed_job()
    assert "Traceback" not in page(client_of(ben))
    assert "Try again" not in page(client_of(ben))
    assert "Traceback" in page(client_of(aiko))
    assert "Try again" in page(client_of(aiko))


def test_what_polls_gets_the_changing_part_and_only_if_it_changed(
    ben: Person, client_of: ClientOf
) -> None:
    client = client_of(ben)
    answer = client.get(PAGE, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    seen = {"seen": answer.context["overview"].fingerprint}
    assert client.get(PAGE, seen).status_code == 204
    note.enqueue("a")
    assert client.get(PAGE, seen).status_code == 200


def test_the_number_of_queries_does_not_grow_with_jobs(ben: Person, client_of: ClientOf) -> None:
    client, counted = client_of(ben), list[int]()
    client.get(PAGE)
    for _round in range(2):
        for number in range(30):
            note.enqueue(str(number))
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 16


def test_a_manager_has_a_failed_job_run_again_and_it_is_on_record(
    dai: Person, client_of: ClientOf
) -> None:
    job = failed_job()
    answer = client_of(dai).post(f"{PAGE}{job.pk}/retry", follow=True)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.WAITING, 0)
    assert "The job waits to run again." in answer.content.decode()
    assert AuditEntry.objects.filter(action="jobs.job.retried", actor=dai).count() == 1


def test_a_member_may_not_press_the_buttons(ben: Person, client_of: ClientOf) -> None:
    job = failed_job()
    for button in ("retry", "cancel"):
        assert client_of(ben).post(f"{PAGE}{job.pk}/{button}").status_code == 403
    with pytest.raises(PermissionDenied):
        services.retry(actor=ben, job_id=job.pk)


def test_a_job_that_waits_is_cancelled_at_once_and_one_that_runs_is_told(dai: Person) -> None:
    note.enqueue("a")
    note.enqueue("b")
    running = leases.claim(worker="w", now=timezone.now(), lease=timedelta(minutes=1))
    for job in Job.objects.all():
        services.cancel(actor=dai, job_id=job.pk)
    assert running
    assert [(j.state, j.cancel_asked) for j in Job.objects.order_by("pk")] == [
        ("running", True),
        ("cancelled", False),
    ]


def test_what_cannot_be_done_is_said(dai: Person, client_of: ClientOf) -> None:
    note.enqueue("a")
    run_all()
    job = Job.objects.get()
    for button in ("retry", "cancel"):
        answer = client_of(dai).post(f"{PAGE}{job.pk}/{button}", follow=True)
        assert "This job" in answer.content.decode()
    assert (
        "not kept any more" in client_of(dai).post(f"{PAGE}999/retry", follow=True).content.decode()
    )


@override("en")
def test_a_job_is_not_tried_again_beside_one_of_its_key(dai: Person) -> None:
    first = fresh.enqueue()
    services.cancel(actor=dai, job_id=int(first.id))
    fresh.enqueue()
    with pytest.raises(services.NotPossibleError, match="already waits or runs"):
        services.retry(actor=dai, job_id=int(first.id))


@pytest.mark.django_db
def test_a_worker_is_silent_from_its_last_sign_of_life() -> None:
    now = timezone.now()
    assert silence(now=now) == Silence(None)
    Worker.objects.create(name="w", started_at=now, heartbeat_at=now)
    assert silence(now=now + timedelta(seconds=30)) is None
    assert silence(now=now + timedelta(minutes=5)) == Silence(now)
    Worker.objects.update(stopped_at=now + timedelta(seconds=10))
    assert silence(now=now + timedelta(seconds=30)) == Silence(now + timedelta(seconds=10))


def test_the_page_says_in_japanese_that_the_worker_is_down(
    aiko: Person, client_of: ClientOf
) -> None:
    failed_job()
    aiko.language = "ja"
    aiko.save()
    shown = page(client_of(aiko), **{"Accept-Language": "ja"})
    assert "ワーカーが動作していません" in shown
    assert "バックグラウンド処理" in shown


@override("en")
def test_any_page_can_say_that_the_worker_is_down(aiko: Person) -> None:
    request = RequestFactory().get("/")
    request.user = aiko
    assert "it was never started" in render_to_string("jobs/silence.html", request=request)
    now = timezone.now()
    Worker.objects.create(name="w", started_at=now, heartbeat_at=now)
    assert render_to_string("jobs/silence.html", request=request).strip() == ""


def test_every_page_says_once_that_the_worker_is_down(aiko: Person, client_of: ClientOf) -> None:
    for address in ("/people/", "/jobs/"):
        assert client_of(aiko).get(address).content.decode().count("it was never started") == 1


def test_announcements_reach_whoever_listens_once() -> None:
    heard: list[object] = []

    def hear(**payload: object) -> None:
        heard.append(payload)

    for _twice in range(2):
        services.listen("test.happened", hear)
    services.announce("test.happened", rows=3)
    assert heard == [{"rows": 3}]
