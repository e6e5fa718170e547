"""A survey that began before it was known here: its waves come in whole, and reach nobody again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from kizuna.experiments.assignment import CONTROL, Design
from kizuna.jobs.tombstones import Tombstones
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.actions.history import NotByChanceError
from kizuna.web.act.actions.models import Assignment, Deed
from kizuna.web.act.messages.models import OutboxMessage
from kizuna.web.act.surveys import hooks
from kizuna.web.act.surveys.history import Answered, PastWave, bring_in
from kizuna.web.act.surveys.models import Answer, Ask, Standing, State, Survey, Why
from kizuna.web.act.surveys.services import designing, telling
from kizuna.web.act.surveys.services.designing import RefusedError

pytestmark = pytest.mark.django_db
FIRST, LAST = datetime(2025, 9, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC)
SAID = {"name": "Half-yearly", "kind": "nps", "subject_en": "Hanaya", "subject_ja": "はなや"} | {
    "low_at": None,
    "every": 6,
    "next_on": None,
    "open_days": 30,
    "segment": None,
}
MANY = [f"c{number}" for number in range(60)]


@pytest.fixture
def draft(aiko: Person) -> Survey:
    """Give a draft of which chance will hold out a fifth."""
    return designing.add(actor=aiko, said={**SAID, "holdout": 0.2})


def waves(survey: Survey, **said: Any) -> list[PastWave]:
    """Give two waves: the second asks everyone, of whom one has no address."""
    design = Design(survey.action.experiment_id, "salt", survey.action.holdout)
    held = {who for who in MANY if design.place(who).arm == CONTROL}
    asked = {who: str(Why.HELD_OUT) if who in held else "" for who in MANY}
    free = [who for who in MANY if who not in held]
    gate = asked | {free[-1]: str(Why.GATE)}
    answers = {free[0]: Answered(LAST + timedelta(hours=1), 3, "late"), **said}
    return [PastWave(FIRST, dict(list(asked.items())[:30])), PastWave(LAST, gate, answers)]


def test_waves_stand_with_whom_they_asked_and_what_came_back(aiko: Person, draft: Survey) -> None:
    told = waves(draft)
    opened = bring_in(actor=aiko, survey=draft, salt="salt", waves=told, why="kept on paper")
    assert opened.state == State.OPEN
    sent = Ask.objects.filter(state=Standing.SENT)
    held = Ask.objects.filter(why=Why.HELD_OUT, wave__number=2).count()
    assert 0 < held < 25
    assert sent.filter(wave__number=2).count() == len(MANY) - held - 1
    assert Assignment.objects.count() == len(MANY)
    assert Deed.objects.count() == sent.count()
    [answer] = Answer.objects.all()
    assert (answer.score, answer.comment, answer.is_low) == (3, "late", True)
    assert answer.answered_at == LAST + timedelta(hours=1)
    assert AuditEntry.objects.filter(action="act.survey.brought_in").exists()


def test_nobody_is_written_to_and_no_low_answer_begins_anything(
    aiko: Person, draft: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(hooks, "LOW_ANSWER_HOOKS", [told.append])
    bring_in(actor=aiko, survey=draft, salt="salt", waves=waves(draft))
    assert (told, OutboxMessage.objects.count()) == ([], 0)
    assert (telling.tell(), telling.tell()) == (1, 0)


def test_who_was_left_out_by_choice_is_not_held_out(aiko: Person, draft: Survey) -> None:
    last = waves(draft)[-1]
    chosen = {who: str(Why.HELD_OUT) if who < "c2" else "" for who in last.asked}
    with pytest.raises(NotByChanceError):
        bring_in(actor=aiko, survey=draft, salt="salt", waves=[PastWave(LAST, chosen)])
    draft.refresh_from_db()
    assert (draft.state, Ask.objects.count()) == (State.DRAFT, 0)


@pytest.mark.parametrize("odd", ["stranger", "before", "after", "order"])
def test_what_cannot_have_been_is_refused(aiko: Person, draft: Survey, odd: str) -> None:
    said = {
        "stranger": {"nobody": Answered(LAST + timedelta(hours=1), 9)},
        "before": {"c1": Answered(LAST - timedelta(hours=1), 9)},
        "after": {"c1": Answered(LAST + timedelta(days=400), 9)},
    }
    told = waves(draft, **said.get(odd, {}))
    with pytest.raises(RefusedError):
        bring_in(
            actor=aiko, survey=draft, salt="salt", waves=told[::-1] if odd == "order" else told
        )
    assert not Ask.objects.exists()


def test_nothing_of_who_was_erased_comes_back(aiko: Person, draft: Survey, home: Path) -> None:
    told = waves(draft)
    [who] = told[-1].answers
    Tombstones(home).add([who], LAST)
    bring_in(actor=aiko, survey=draft, salt="salt", waves=told)
    assert not Ask.objects.filter(customer_id=who).exists()
    assert not Answer.objects.exists()


def test_a_viewer_brings_nothing_in(chiyo: Person, draft: Survey) -> None:
    with pytest.raises(PermissionDenied):
        bring_in(actor=chiyo, survey=draft, salt="salt", waves=waves(draft))
