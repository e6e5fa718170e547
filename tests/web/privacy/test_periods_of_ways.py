"""Ways through playbooks and campaigns, and whom surveys asked, go after their period.

What says whether somebody enters or is asked again stays, and so do the numbers of the pages.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action, Assignment, Programme
from kizuna.web.act.campaigns.models import Campaign, Enrolled, Phase
from kizuna.web.act.playbooks import advancing, clearing, enrolling, queries, services
from kizuna.web.act.playbooks.models import Effect, Enrolment, Playbook
from kizuna.web.act.surveys import clearing as of_surveys
from kizuna.web.act.surveys import queries as surveys
from kizuna.web.act.surveys.models import Answer, Ask, Survey, Wave
from kizuna.web.act.surveys.services import designing
from kizuna.web.capture.privacy import retention
from kizuna.web.capture.privacy.models import Held, Retention
from web.surveys.conftest import SAID

pytestmark = pytest.mark.django_db
NOW = timezone.now()
A_DAY = timedelta(days=1)
OLD, NEW = NOW - 500 * A_DAY, NOW - A_DAY
CALL = {"id": "call", "do": "task", "title": "Call them"}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, db: None) -> None:
    settings.KIZUNA_HOME = tmp_path
    Programme.objects.update_or_create(id=1, defaults={"is_on": False})


def clear(actor: Person, held: str) -> int:
    """Set a year, and let the night come."""
    retention.set_period(actor=actor, held=held, months=12)
    before = retention.would_go(held, 12)
    assert retention._apply(Retention.objects.get(held=held)) == before, (
        "what goes is what the page counted"
    )
    assert retention.would_go(held, 12) == 0
    return before


def live(actor: Person, again: str) -> Playbook:
    said = {"name": f"Call {again}", "trigger": {"when": "by_hand"}, "steps": [CALL]}
    made = services.make(actor=actor, said=said | {"again": again}, holdout=0.0)
    return services.go_live(actor=actor, pk=made.pk, edits=1, read=True)


def went(playbook: Playbook, customer: str, at: datetime) -> None:
    """Go through it at a moment."""
    enrolling.enter(playbook=playbook, customer_ids=[customer], reason="test", at=at)
    while advancing.advance(at):
        pass


@pytest.fixture
def playbook(aiko: Person) -> Playbook:
    """Give a playbook through which one customer went once, another thrice."""
    made = live(aiko, "after_end")
    went(made, "once", OLD)
    for at in (OLD, OLD + A_DAY, NEW):
        went(made, "thrice", at)
    assert set(made.enrolments.values_list("state", flat=True)) == {"done"}
    return made


def test_old_ways_go_but_for_the_last_and_the_page_tells_what_it_told(
    aiko: Person, playbook: Playbook
) -> None:
    before, placed = queries.states(playbook), Assignment.objects.count()
    assert clear(aiko, "enrolments") == 3 + 2, "what was done in three old ways, and two of them"
    left = sorted(Enrolment.objects.values_list("customer_id", "number"))
    assert left == [("once", 1), ("thrice", 3)]
    assert Effect.objects.count() == 1
    assert queries.states(playbook) == before
    assert Assignment.objects.count() == placed
    went(playbook, "thrice", NOW)
    assert Enrolment.objects.filter(customer_id="thrice").latest("number").number == 4


def test_who_never_enters_again_does_not_after_the_night(aiko: Person) -> None:
    once = live(aiko, "never")
    went(once, "c1", OLD)
    clear(aiko, "enrolments")
    went(once, "c1", NOW)
    assert Enrolment.objects.count() == 1


def test_clearing_that_takes_the_last_way_would_let_her_in_again(
    aiko: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = live(aiko, "never")
    went(once, "c1", OLD)
    monkeypatch.setattr(clearing, "_enrolments", clearing._over)
    clear(aiko, "enrolments")
    went(once, "c1", NOW)
    assert Enrolment.objects.get().entered_at == NOW


def test_of_a_playbook_that_is_concluded_all_old_ways_go(aiko: Person, playbook: Playbook) -> None:
    before = queries.states(playbook)
    actions.conclude(actor=aiko, action=playbook.action)
    clear(aiko, "enrolments")
    assert Enrolment.objects.get().number == 3
    assert queries.states(playbook) == before


def test_who_was_on_which_step_of_a_campaign_goes_once_it_is_done(aiko: Person) -> None:
    for name, ended in (("old", OLD), ("new", NEW)):
        action = Action.objects.create(name=name, kind="mail")
        said = {"phase": Phase.DONE, "begun_at": ended, "ended_at": ended}
        campaign = Campaign.objects.create(action=action, **said)
        Enrolled.objects.create(campaign=campaign, customer_id="c1", arm="treated", ended="done")
    assert clear(aiko, "enrolments") == 1
    assert Enrolled.objects.get().campaign.action.name == "new"


@pytest.fixture
def survey(aiko: Person) -> Survey:
    """Give a survey with a wave of long ago and one of now."""
    draft = designing.add(actor=aiko, said=SAID)
    made = designing.open_up(actor=aiko, pk=draft.pk)
    made.waves.all().delete()
    for number, at in ((1, OLD), (2, NOW - 9 * A_DAY)):
        wave = Wave.objects.create(
            survey=made, number=number, opened_at=at, closes_at=at + 8 * A_DAY, asks_everyone=True
        )
        asked(wave, at)
    return made


def asked(wave: Wave, at: datetime) -> None:
    """Ask two, of whom one answers, and leave one out."""
    for who, why in (("c1", ""), ("c2", ""), ("c3", "held_out")):
        ask = Ask.objects.create(
            survey=wave.survey, wave=wave, customer_id=who, unique_key=f"{wave.pk}:{who}",
            state="not_asked" if why else "sent", why=why, made_at=at, sent_at=None if why else at,
        )  # fmt: skip
        if who == "c1":
            said = {"survey": wave.survey, "customer_id": who, "score": 9}
            Answer.objects.create(ask=ask, answered_at=at, changed_at=at, **said)


def numbers(survey: Survey) -> list[tuple[int, ...]]:
    found = surveys.waves(survey.pk)
    return [(w.number, w.sent, w.not_asked, w.answered) for w in found]


def test_a_wave_goes_as_a_whole_and_its_numbers_stay(aiko: Person, survey: Survey) -> None:
    before = numbers(survey)
    assert before == [(2, 2, 1, 1), (1, 2, 1, 1)]
    assert clear(aiko, Held.RESPONSES) == 3
    assert set(Ask.objects.values_list("wave__number", flat=True)) == {2}
    assert numbers(survey) == before


def test_a_wave_that_was_answered_lately_stays_until_that_is_old(
    aiko: Person, survey: Survey
) -> None:
    Answer.objects.filter(ask__wave__number=1).update(changed_at=NEW)
    assert clear(aiko, Held.RESPONSES) == 0


def test_whoever_the_pace_still_counts_stays(survey: Survey) -> None:
    assert of_surveys.ANSWERS.count(NOW) == 1 + 3, "an answer of the new wave, and the old wave"
    assert of_surveys.ANSWERS.clear(NOW) == 4
    assert set(Ask.objects.values_list("wave__number", flat=True)) == {2}
