"""Asking: at the pace that holds over all surveys, past those held out, once a wave, resumed."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.jobs import received
from kizuna.jobs.drain import drain
from kizuna.jobs.drain_log import DrainLog
from kizuna.jobs.tombstones import Tombstones
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions.models import Deed
from kizuna.web.act.surveys import audience, giving, panel
from kizuna.web.act.surveys.models import Answer, Ask, Pace, Standing, Survey, Why
from kizuna.web.act.surveys.services import asking, designing, telling
from kizuna.web.capture.inbox import open_inbox
from kizuna.web.capture.privacy import retention
from kizuna.web.capture.privacy.models import Retention
from web.surveys.conftest import SAID, asked, door

pytestmark = pytest.mark.django_db


def another(actor: Person, **said: Any) -> Survey:
    made = designing.add(actor=actor, said=SAID | {"name": "Another", "kind": "csat"} | said)
    return designing.open_up(actor=actor, pk=made.pk)


def test_one_pace_holds_over_all_surveys(aiko: Person, survey: Survey) -> None:
    other = another(aiko)
    assert asked(survey, "hana").state == Standing.SENT
    refused = (
        asked(other, "jun"),
        asking.ask(survey=other, customer_id="hana", key="other", at=timezone.now()),
    )
    assert [(one.state, one.why) for one in refused] == [("sent", ""), ("not_asked", Why.LATELY)]
    designing.set_pace(actor=aiko, days=10)
    later = timezone.now() + timedelta(days=11)
    again = asking.ask(survey=other, customer_id="ken", key="later", at=later)
    assert again.state == Standing.WAITING


def test_a_pace_that_is_not_looked_at_would_be_found(
    aiko: Person, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_why_not", lambda *_asked: "")
    with pytest.raises(AssertionError):
        test_one_pace_holds_over_all_surveys(aiko, survey)


def test_the_same_key_or_wave_asks_once(survey: Survey) -> None:
    first = asked(survey, "hana")
    assert asked(survey, "hana").pk == first.pk
    other_key = asking.ask(survey=survey, customer_id="hana", key="other", at=timezone.now())
    assert other_key.pk == first.pk
    assert Ask.objects.count() == 1


def test_nobody_who_is_held_out_or_erased_is_asked(aiko: Person, home: Path) -> None:
    held = another(aiko, holdout=0.5)
    Tombstones(home).add(["gone"], timezone.now())
    made = [asked(held, f"c{k}") for k in range(30)]
    whys = {one.why for one in made}
    assert whys == {"", Why.HELD_OUT}
    assert 4 <= sum(one.why == Why.HELD_OUT for one in made) <= 26
    assert asked(held, "gone").why == Why.ERASED


def test_a_draft_and_a_closed_survey_ask_nobody(aiko: Person, draft: Survey) -> None:
    for _state in ("draft", "closed"):
        with pytest.raises(asking.NotOpenError):
            asked(draft, "hana")
        designing.close(actor=aiko, pk=draft.pk)


def test_a_wave_that_broke_off_goes_on_and_asks_each_once(
    survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = [f"c{k:02}" for k in range(25)]
    monkeypatch.setattr(
        audience, "after", lambda _s, last, many: [c for c in everyone if c > last][:many]
    )
    monkeypatch.setattr(asking, "A_PART", 10)
    now = timezone.now()
    wave = asking.begin_wave(actor=None, survey=survey, at=now)
    assert asking.ask_part(wave.pk, now) == 10
    with monkeypatch.context() as broken:
        broken.setattr(asking, "_keep", lambda *_told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            asking.ask_part(wave.pk, now)
    while asking.ask_part(wave.pk, now):
        pass
    assert sorted(wave.asks.values_list("customer_id", flat=True)) == everyone
    assert asking.ask_part(wave.pk, now) == 0


def test_a_wave_begins_on_its_day_and_the_next_is_known(survey: Survey) -> None:
    day = timezone.now() + timedelta(days=2)
    assert asking.begin_due(timezone.now() - timedelta(days=1)) == 0
    assert asking.begin_due(day) == 1
    survey.refresh_from_db()
    assert survey.next_on == asking._after(timezone.localdate(day), 6)
    assert asking.begin_due(day) == 0
    assert asking.current_wave(survey, day).number == 1


def test_a_link_handed_over_is_a_deed(aiko: Person, survey: Survey) -> None:
    made = asking.hand_over(actor=aiko, survey=survey, customer_id="hana")
    assert made.state == Standing.SENT
    assert Deed.objects.get().customer_id == "hana"
    assert asking.hand_over(actor=aiko, survey=survey, customer_id="hana").pk == made.pk
    assert Deed.objects.count() == 1


def drained(home: Path) -> list[dict[str, Any]]:
    store, log = Store(home / "store"), DrainLog(home / "drain.sqlite3")
    with closing(open_inbox()) as inbox:
        while drain(store, inbox, log, timezone.now):
            pass
    with Engine(threads=1) as engine:
        received.register(engine, store, "responses")
        found: list[dict[str, Any]] = engine.query(
            "SELECT * FROM responses ORDER BY response_id"
        ).to_pylist()
        return found


def test_an_answer_is_in_the_table_once_as_it_was_changed_last(
    client: Client, home: Path, hana: Ask
) -> None:
    client.post(door(hana), {"q1": "9"})
    assert telling.tell() == 1
    client.post(door(hana), {"q1": "3", "q2": "配送が遅い"})
    assert telling.tell() == 1
    Answer.objects.update(told=0)  # a worker died before it noted what it had told
    assert telling.tell() == 1
    assert telling.tell() == 0
    (row,) = drained(home)
    assert (row["customer_id"], row["kind"], row["score"]) == ("hana", "nps", 3.0)
    assert (row["comment"], row["scale_low"], row["scale_high"]) == ("配送が遅い", 0.0, 10.0)


def test_a_run_is_given_who_was_asked_and_what_was_chosen(client: Client, hana: Ask) -> None:
    client.post(door(hana), {"q1": "9", "q2": "fine"})
    (ask,) = giving.asks()
    assert (ask["customer_id"], ask["wave_no"], ask["response_id"]) == (
        "hana",
        1,
        hana.response_id,
    )
    (reply,) = giving.replies()
    assert (reply["question_no"], reply["reply"]) == (1, "9")


def test_official_words_that_are_changed_make_it_ones_own(aiko: Person, draft: Survey) -> None:
    first = draft.questions.get(number=1)
    said = {name: getattr(first, name) for name in designing.OF_QUESTION}
    kept = designing.keep_question(actor=aiko, pk=draft.pk, number=1, said=said)
    assert kept.kind == "nps"
    said["text_en"] = "Would you tell a friend about Hanaya?"
    assert designing.keep_question(actor=aiko, pk=draft.pk, number=1, said=said).kind == "custom"


def test_questions_stand_once_a_survey_is_open(aiko: Person, survey: Survey) -> None:
    with pytest.raises(designing.RefusedError, match="opened"):
        designing.remove_question(actor=aiko, pk=survey.pk, number=2)
    assert Pace.objects.count() <= 1


def test_a_period_for_answers_is_one_for_those_in_the_records_too(
    client: Client, aiko: Person, hana: Ask
) -> None:
    client.post(door(hana), {"q1": "9"})
    Answer.objects.update(changed_at=timezone.now() - timedelta(days=800))
    assert retention.would_go("responses", 24) == 1
    retention.set_period(actor=aiko, held="responses", months=24)
    retention._apply(Retention.objects.get())
    assert not Answer.objects.exists()
    assert Ask.objects.exists()


def test_the_page_of_a_customer_says_what_she_answered(client: Client, hana: Ask) -> None:
    client.post(door(hana), {"q1": "2", "q2": "遅い"})
    shown = panel.asked("hana", hana.survey.made_by)
    assert shown is not None
    assert [(one["word"], one["comment"]) for one in shown.values["lines"]] == [("2: low", "遅い")]
    assert panel.asked("nobody", hana.survey.made_by) is None
