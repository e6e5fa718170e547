"""A write that names itself is done once: repeated, at the same time, and after a death."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from kizuna.web.accounts.models import AuditEntry, Person, Scope
from kizuna.web.interface import once
from kizuna.web.interface.models import Answer
from kizuna.web.interface.problems import ProblemError
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.scenarios.models import Scenario
from web.interface.asking import Program

pytestmark = pytest.mark.django_db

NAMED = {"Idempotency-Key": "order-1"}


def kept(program: Program, name: str = "Better", **headers: str) -> Any:
    return program.post("scenarios", json={"name": name}, headers={**NAMED, **headers})


def request(name: str = "order-1") -> HttpRequest:
    factory = RequestFactory(headers={"Idempotency-Key": name})
    return factory.post("/api/v1/scenarios", data="{}", content_type="application/json")


def test_the_same_write_twice_is_answered_as_at_first(
    program: Program, published: Publication
) -> None:
    first, second = kept(program), kept(program)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Scenario.objects.count() == 1
    assert AuditEntry.objects.filter(action="know.scenario.saved").count() == 1


def test_without_a_name_it_is_done_again(program: Program, published: Publication) -> None:
    # the deliberate bug: what does not name itself cannot be known again
    answers = [program.post("scenarios", json={"name": "Better"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]


def test_another_body_under_the_same_name_is_refused(
    program: Program, published: Publication
) -> None:
    kept(program)
    assert kept(program, name="Other").status_code == 422
    assert Scenario.objects.count() == 1


def test_what_was_refused_may_be_tried_again(program: Program, published: Publication) -> None:
    program.post("scenarios", json={"name": "Better"})
    assert kept(program).status_code == 409
    Scenario.objects.all().delete()
    assert kept(program).status_code == 201


def test_names_of_two_keys_do_not_meet(
    program: Program, ben: Person, published: Publication
) -> None:
    kept(program)
    assert kept(Program(ben, Scope.SCENARIOS), name="Ben's").status_code == 201


@pytest.mark.parametrize("name", [" ", "é", "x" * 256])
def test_a_name_that_is_none_is_refused(
    program: Program, published: Publication, name: str
) -> None:
    assert kept(program, **{"Idempotency-Key": name}).status_code == 400


def test_what_is_still_being_done_is_not_begun_again(program: Program) -> None:
    def asked_again() -> HttpResponse:
        with pytest.raises(ProblemError) as refused:
            once.once(request(), key=program.key, work=HttpResponse, now=timezone.now())
        assert refused.value.status == 409
        return HttpResponse("done")

    first = once.once(request(), key=program.key, work=asked_again, now=timezone.now())
    assert first.content == b"done"


class Died(BaseException):
    """The process is gone: nothing of ours runs after it."""


def died(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a process die between its change and its answer."""

    def change() -> HttpResponse:
        Scenario.objects.create(name="Half", currency="USD")
        raise Died

    monkeypatch.setattr(once, "_release", lambda claimed: None)
    with pytest.raises(Died):
        once.once(request(), key=program.key, work=change, now=timezone.now())


def test_a_process_that_dies_leaves_nothing_half_done_and_another_begins_anew(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    died(program, monkeypatch)
    assert not Scenario.objects.exists()
    with pytest.raises(ProblemError):
        once.once(request(), key=program.key, work=HttpResponse, now=timezone.now())
    later = timezone.now() + 2 * once.LEASE
    answer = once.once(request(), key=program.key, work=lambda: HttpResponse("ok"), now=later)
    assert answer.content == b"ok"


def test_who_comes_back_after_its_lease_does_not_do_it_a_second_time(program: Program) -> None:
    done = []

    def slow() -> HttpResponse:
        Scenario.objects.create(name="Slow", currency="USD")
        later = timezone.now() + 2 * once.LEASE
        # another takes over while this one sleeps
        Answer.objects.update(claim="another", claimed_until=later)
        done.append(1)
        return HttpResponse("slow")

    with pytest.raises(ProblemError):
        once.once(request(), key=program.key, work=slow, now=timezone.now())
    assert done
    assert not Scenario.objects.exists()


def test_answers_are_forgotten_after_thirty_days(program: Program, published: Publication) -> None:
    kept(program)
    now = timezone.now()
    assert once.forget(now=now + timedelta(days=29)) == 0
    assert once.forget(now=now + timedelta(days=31)) == 1
    assert "Idempotency-Replayed" not in kept(program)


def test_a_file_is_told_from_another_by_its_bytes(program: Program, published: Publication) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    def sent(text: bytes) -> Any:
        file = SimpleUploadedFile("orders.csv", text)
        return program.post("imports", data={"file": file}, headers=NAMED)

    rows = b"customer,date,amount\na,2026-01-01,5\nb,2026-01-02,6\n"
    first = sent(rows)
    assert first.status_code == 201
    assert sent(rows).json() == first.json()
    assert sent(rows + b"c,2026-01-03,7\n").status_code == 422
