"""What signing in leaves behind is cleared away."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from kizuna.web.accounts.models import Person, Session, SignInAttempt
from kizuna.web.jobs import schedules
from kizuna.web.jobs.upkeep import clear_sessions
from web.conftest import ClientOf


def test_sessions_that_have_ended_are_cleared_and_others_stay(
    client_of: ClientOf, aiko: Person, ben: Person
) -> None:
    client_of(aiko)
    client_of(ben)
    ended = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(person=ben).update(expire_date=ended)
    assert clear_sessions.call() == 1
    assert list(Session.objects.values_list("person", flat=True)) == [aiko.pk]


def test_tries_that_count_no_more_are_forgotten(db: None) -> None:
    SignInAttempt.objects.create(subject="x", at=timezone.now() - timedelta(days=2))
    SignInAttempt.objects.create(subject="y")
    clear_sessions.call()
    assert SignInAttempt.objects.get().subject == "y"


def test_it_is_done_every_night() -> None:
    assert "accounts.clear_sessions" in {schedule.name for schedule in schedules.declared()}
