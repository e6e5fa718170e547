"""A survey within a message: whose rules hold, what an answer is, and the same in a browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Assignment, Deed
from kizuna.web.act.gate.models import Entry
from kizuna.web.act.on_site import showing, surveying
from kizuna.web.act.on_site.models import Hit, Message, Showing
from kizuna.web.act.on_site.visitors import ANONYMOUS
from kizuna.web.act.surveys import hooks, mailing, queries
from kizuna.web.act.surveys.models import Answer, Survey
from kizuna.web.act.surveys.models import Ask as Asking
from kizuna.web.act.surveys.services import answering, asking, designing, telling
from kizuna.web.capture.identities.models import Link
from web.on_site.conftest import AGENT, BROWSER, Ask, post, written
from web.surveys.conftest import SAID as SURVEY
from web.surveys.test_asking import drained

pytestmark = pytest.mark.django_db
BARE = {"body_ja": "", "title_ja": "", "button_ja": "", "link": ""}


def opened(actor: Person, **more: Any) -> Survey:
    made = designing.add(actor=actor, said=SURVEY | more)
    return designing.open_up(actor=actor, pk=made.pk)


@pytest.fixture
def nps(aiko: Person) -> Message:
    """Give a message that asks an open survey and holds nobody out."""
    return written(aiko, survey=opened(aiko), times=3, **BARE)


def shown(ask: Ask, key: str, message: Message, **more: Any) -> str:
    """Let a visitor see the question a while; give the token that her answer comes under."""
    token = str(ask(message, **more)["shown"]["token"])
    assert post("/v1/on-site/note", key=key, token=token, kind="shown").status_code == 204
    Showing.objects.update(shown_at=timezone.now() - timedelta(seconds=3))
    return token


def answer(key: str, token: str, reply: object, words: str = "", agent: str = AGENT) -> int:
    said = {"key": key, "token": token, "reply": reply, "words": words}
    return int(post("/v1/on-site/answer", agent, **said).status_code)


def test_the_question_stands_in_the_official_words(ask: Ask, nps: Message) -> None:
    japanese = ask(nps)["shown"]["survey"]
    assert japanese["question"] == "はなやを友人や同僚に薦める可能性はどのくらいありますか。"
    assert [one[0] for one in japanese["options"]] == [str(n) for n in range(11)]
    assert japanese["ends"] == ["まったく薦めない", "強く薦める"]
    english = ask(nps, language="en-GB", browser="1" * 32)["shown"]["survey"]
    assert english["question"].startswith("How likely is it that you would recommend Hanaya")
    assert english["reason"] == "What is the main reason for your answer?"


def test_one_press_answers_and_words_may_follow(
    ask: Ask, key: str, nps: Message, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[hooks.LowAnswer]()
    monkeypatch.setattr(answering, "LOW_ANSWER_HOOKS", [told.append])
    Link.objects.create(raw_customer_id=ANONYMOUS + BROWSER, customer_id="hana")
    token = shown(ask, key, nps)
    asked = Asking.objects.get()
    assert (asked.state, asked.customer_id, asked.is_on_site) == ("sent", "hana", True)
    deed = Deed.objects.get()
    assert (deed.kind, deed.action_id) == ("survey", nps.survey.action_id if nps.survey else 0)
    assert answer(key, token, "3") == 204
    assert answer(key, token, "3", "遅い") == 204
    kept = Answer.objects.get()
    assert (kept.score, kept.comment, kept.version, kept.is_low) == (3, "遅い", 2, True)
    assert [(one.customer_id, one.score) for one in told] == [("hana", 3)], "a play hears it once"
    telling.tell()
    assert [(row["customer_id"], row["score"], row["kind"]) for row in drained(home)] == [
        ("hana", 3.0, "nps")
    ]
    assert "again" in ask(nps), "who answered is not asked again"


def test_a_visitor_whom_nobody_knows_answers_and_starts_no_playbook(
    ask: Ask, key: str, nps: Message, monkeypatch: pytest.MonkeyPatch, client_of: Any, aiko: Person
) -> None:
    told = list[hooks.LowAnswer]()
    monkeypatch.setattr(answering, "LOW_ANSWER_HOOKS", [told.append])
    assert answer(key, shown(ask, key, nps), "0") == 204
    assert (Answer.objects.get().is_low, told) == (True, [])
    page = client_of(aiko).get(f"/surveys/{nps.survey_id}/answers").text
    assert "Unknown visitor" in page


@pytest.mark.parametrize("reply", ["11", None])
def test_what_no_button_offers_is_no_answer(
    ask: Ask, key: str, nps: Message, reply: object
) -> None:
    assert answer(key, shown(ask, key, nps), reply) == 409
    assert not Answer.objects.exists()
    assert Hit.objects.filter(kind="answered").exists(), "raw is raw"


def test_a_program_and_a_press_that_is_too_fast_answer_nothing(
    ask: Ask, key: str, nps: Message
) -> None:
    token = str(ask(nps)["shown"]["token"])
    Showing.objects.update(let_at=timezone.now() + timedelta(minutes=1))  # however slow this is
    assert answer(key, token, "9") == 409, "nobody reads as fast"
    token = shown(ask, key, nps, browser="2" * 32)
    assert answer(key, token, "9", agent=AGENT.replace("Chrome", "HeadlessChrome")) == 409
    assert answer(key, "made up", "9") == 409
    assert not Answer.objects.exists()
    assert post("/v1/on-site/note", key=key, token=token, kind="answered").status_code == 204
    assert not Answer.objects.exists(), "an answer comes by its own door"


def holds_the_pace(aiko: Person, ask: Ask, nps: Message) -> bool:
    """Ask a customer by mail first, then let her come to the site."""
    Link.objects.create(raw_customer_id=ANONYMOUS + BROWSER, customer_id="hana")
    other = opened(aiko, name="By mail", kind="csat")
    asking.ask(survey=other, customer_id="hana", key="mail", at=timezone.now())
    return "again" in ask(nps) and not Entry.objects.filter(channel="on_site").exists()


def test_one_pace_holds_over_mails_and_the_site(aiko: Person, ask: Ask, nps: Message) -> None:
    assert holds_the_pace(aiko, ask, nps)
    asking_mail = Asking.objects.get(unique_key="mail")
    assert asking_mail.pk
    designing.set_pace(actor=aiko, days=1)
    Asking.objects.update(made_at=timezone.now() - timedelta(days=2))
    assert "shown" in ask(nps)
    late = opened(aiko, name="Later", kind="ces")
    found = asking.ask(survey=late, customer_id="hana", key="later", at=timezone.now())
    assert (found.state, found.why) == ("not_asked", "lately"), "what the site asked counts too"


def test_a_site_that_does_not_keep_the_pace_would_be_found(
    aiko: Person, ask: Ask, nps: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_why_not", lambda *_asked: "")
    assert not holds_the_pace(aiko, ask, nps)


def test_who_is_held_out_of_the_survey_is_not_asked_on_the_site(
    aiko: Person, ask: Ask, nps: Message
) -> None:
    assert nps.survey is not None
    actions.set_holdout(actor=aiko, action=nps.survey.action, holdout=0.8)
    saw = [n for n in range(9) if "shown" in ask(nps, browser=f"{n:032x}")]
    assert len(saw) < 9
    placed = Assignment.objects.filter(action=nps.survey.action)
    assert placed.filter(arm="control").count() == 9 - len(saw) == 9 - Asking.objects.count()
    assert not Assignment.objects.filter(action=nps.action).exists(), "one chance, not two"


def test_the_same_asking_is_shown_again_until_closed(ask: Ask, key: str, nps: Message) -> None:
    assert ["shown" in ask(nps) for _ in range(2)] == [True, True]
    assert Asking.objects.count() == 1
    post("/v1/on-site/note", key=key, token=ask(nps)["shown"]["token"], kind="closed")
    assert "again" in ask(nps)
    Asking.objects.update(made_at=timezone.now() - timedelta(days=200))
    assert nps.survey is not None
    asking.begin_wave(actor=None, survey=nps.survey, at=timezone.now())
    assert "shown" in ask(nps), "a new wave asks anew"


def test_whoever_never_saw_it_was_not_asked(ask: Ask, key: str, nps: Message) -> None:
    ask(nps)
    assert mailing.follow() == 0, "no mail goes out for it"
    Asking.objects.update(made_at=timezone.now() - timedelta(days=2))
    assert mailing.follow() == 1
    assert (Asking.objects.get().state, Asking.objects.get().why) == ("not_asked", "gate")
    assert "shown" in ask(nps), "and may be asked once she comes again"


def test_a_survey_that_is_closed_is_not_asked(
    aiko: Person, ask: Ask, key: str, nps: Message
) -> None:
    token = shown(ask, key, nps)
    assert nps.survey is not None
    designing.close(actor=aiko, pk=nps.survey.pk)
    assert "again" in ask(nps, browser="3" * 32)
    assert answer(key, token, "9") == 409
    assert Client().get("/v1/on-site", {"key": key}).json() == {}


def test_only_surveys_that_one_press_answers_are_offered(aiko: Person, nps: Message) -> None:
    assert list(surveying.askable()) == [nps.survey]
    words = designing.add(actor=aiko, said=SURVEY | {"name": "Words", "kind": "custom"})
    question = {
        "kind": "text",
        "text_en": "Why?",
        "text_ja": "",
        "low": None,
        "high": None,
        "ends_en": "",
        "ends_ja": "",
        "choices_en": "",
        "choices_ja": "",
        "is_required": True,
    }
    designing.keep_question(actor=aiko, pk=words.pk, said=question)
    both = designing.add(actor=aiko, said=SURVEY | {"name": "Both"})
    designing.keep_question(actor=aiko, pk=both.pk, said=question)
    assert list(surveying.askable()) == [nps.survey]
    assert queries.question(both.pk, 3) is not None


def test_an_answer_counts_where_word_that_it_was_shown_was_lost(
    ask: Ask, key: str, nps: Message
) -> None:
    token = str(ask(nps)["shown"]["token"])
    Showing.objects.update(let_at=timezone.now() - timedelta(seconds=3))
    assert answer(key, token, "9") == 204
    assert Asking.objects.get().state == "sent"
    assert showing.deed_of(nps) == nps.survey.action if nps.survey else False
