"""Pages of surveys: drafted, opened, read in both languages, exported, and who may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import execute
from kizuna.pipeline.steps import select
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.surveys import giving
from kizuna.web.act.surveys.models import Answer, Ask, Survey
from kizuna.web.know.publications.models import Publication, Status
from tiny_tables import STEPS, a_run, table
from web.conftest import ClientOf
from web.surveys.conftest import SAID, asked, door

pytestmark = pytest.mark.django_db

FORM = SAID | {"low_at": "", "next_on": "", "segment": "", "holdout": "10", "name": "Autumn"}
SCORES = [10, 9, 9, 8, 3, 2]


def publish(home: Path, survey: Survey, client: Client) -> None:
    """Let six of eight customers answer, and publish the figures."""
    for k in range(8):
        ask = asked(survey, f"c{k}")
        if k < len(SCORES):
            client.post(door(ask), {"q1": SCORES[k], "q2": "=SUM(A1)" if k == 0 else ""})
    store = Store(home / "store")
    responses = [
        {"response_id": one.ask.response_id, "customer_id": one.customer_id, "kind": "nps"}
        | {"answered_at": one.answered_at.replace(tzinfo=None), "survey": survey.name}
        | {"score": float(one.score or 0), "scale_low": 0.0, "scale_high": 10.0}
        for one in Answer.objects.select_related("ask")
    ]
    targets = ("survey_scores", "survey_choices")
    with Engine(threads=1) as engine:
        engine.register("survey_asks", table("survey_asks", giving.asks()))
        engine.register("survey_replies", table("survey_replies", giving.replies()))
        engine.register("responses", table("responses", responses))
        engine.register("valued_customers", table("valued_customers", []))
        steps = select(STEPS, *targets, given={"valued_customers"})
        done = execute(steps, engine, a_run(f"{timezone.localdate()}"), store=store)
        versions = {s.step: s.version for s in done.steps if s.version is not None}
    Publication.objects.create(
        status=Status.PUBLISHED,
        versions=versions,
        read_versions={},
        published_at=timezone.now(),
        as_of=timezone.localdate(),
        summary={"currency": "JPY"},
    )


def test_a_manager_drafts_opens_and_closes_a_survey(aiko: Person, client_of: ClientOf) -> None:
    client = client_of(aiko)
    made = client.post("/surveys/new", FORM)
    survey = Survey.objects.get(name="Autumn")
    assert made["Location"] == f"/surveys/{survey.pk}"
    page = client.get(made["Location"]).content.decode()
    assert "How likely is it that you would recommend Hanaya" in page
    choice = {"kind": "choice", "text_en": "Where?", "choices_en": "Shop\nWeb"}
    assert client.post(f"/surveys/{survey.pk}/questions/new", choice).status_code == 302
    client.post(f"/surveys/{survey.pk}/open")
    client.post(f"/surveys/{survey.pk}/wave")
    client.post(f"/surveys/{survey.pk}/close")
    told = AuditEntry.objects.filter(action__startswith="act.survey").order_by("number")
    assert list(told.values_list("action", flat=True)) == [
        "act.survey.added",
        "act.survey.question_kept",
        "act.survey.opened",
        "act.survey.wave_begun",
        "act.survey.closed",
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "scale", "text_en": "?", "low": 5, "high": 5}, "high"),
        ({"kind": "scale", "text_en": "?", "low": 0, "high": 12}, "high"),
        ({"kind": "choice", "text_en": "?", "choices_en": "one"}, "choices_en"),
        (
            {"kind": "choice", "text_en": "?", "choices_en": "a\nb", "choices_ja": "あ"},
            "choices_ja",
        ),
        ({"kind": "text"}, "text_en"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    aiko: Person, client_of: ClientOf, draft: Survey, wrong: dict[str, Any], field: str
) -> None:
    page = client_of(aiko).post(f"/surveys/{draft.pk}/questions/new", wrong)
    assert page.status_code == 422
    assert f'id="id_{field}_error"' in page.content.decode()


def test_results_show_the_score_with_its_interval_and_who_was_silent(
    aiko: Person, client_of: ClientOf, survey: Survey, home: Path, client: Client
) -> None:
    publish(home, survey, client)
    page = client_of(aiko).get(f"/surveys/{survey.pk}/results").content.decode()
    assert "16.7" in page, "three promoters less two detractors of six"
    assert "75" in page, "six of eight answered"
    assert "Margin of error ±" in page
    assert "Not known" in page


def test_pages_ask_few_questions_of_the_database(
    aiko: Person, client_of: ClientOf, survey: Survey, django_assert_max_num_queries: Any
) -> None:
    client = client_of(aiko)
    for k in range(12):
        asked(survey, f"c{k}")
    listed = client.get("/surveys/").context["table"].rows[0]
    assert listed[3:] == ["1", "12", "0"]
    for path, most in (("", 12), (f"{survey.pk}", 17), (f"{survey.pk}/answers", 13)):
        client.get(f"/surveys/{path}")
        with django_assert_max_num_queries(most):
            assert client.get(f"/surveys/{path}").status_code == 200


def test_answers_are_found_and_exported_without_formulas(
    aiko: Person, client_of: ClientOf, survey: Survey, client: Client
) -> None:
    client.post(door(asked(survey, "=evil")), {"q1": "2", "q2": "=1+1"})
    client.post(door(asked(survey, "jun")), {"q1": "10"})
    browser = client_of(aiko)
    low = browser.get(f"/surveys/{survey.pk}/answers?sort_of=low").content.decode()
    assert "=evil" in low
    assert "jun" not in low
    assert browser.get(f"/surveys/{survey.pk}/answers?wave=x&score=zz&page=-1").status_code == 200
    file = browser.get(f"/surveys/{survey.pk}/export", headers={"accept-language": "ja"})
    text = b"".join(file).decode()  # type: ignore[call-overload]
    assert "'=evil" in text
    assert "'=1+1" in text
    assert AuditEntry.objects.filter(action="act.survey.answers_exported").exists()


def test_a_person_makes_a_link_for_one_customer(
    ben: Person, client_of: ClientOf, survey: Survey
) -> None:
    page = client_of(ben).post(f"/surveys/{survey.pk}/link", {"customer_id": "hana"})
    assert "/s/" in page.content.decode()
    again = client_of(ben).post(f"/surveys/{survey.pk}/link", {"customer_id": "hana"})
    assert again.status_code == 200
    assert Ask.objects.get().customer_id == "hana"


def test_who_may_only_look_changes_nothing(
    chiyo: Person, client_of: ClientOf, survey: Survey
) -> None:
    client = client_of(chiyo)
    assert client.get(f"/surveys/{survey.pk}").status_code == 200
    for path in ("new", "pace", f"{survey.pk}/change"):
        assert client.get(f"/surveys/{path}").status_code == 403
    for path in ("wave", "close", "link"):
        assert client.post(f"/surveys/{survey.pk}/{path}").status_code == 403
    assert client.get(f"/surveys/{survey.pk}/export").status_code == 403
