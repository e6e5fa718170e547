"""Links of surveys: opened by whomever, answered by the customer alone, once a wave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kizuna.web.accounts.models import Person
from kizuna.web.act.surveys import doors, hooks, links
from kizuna.web.act.surveys.hooks import LowAnswer
from kizuna.web.act.surveys.models import Answer, Ask, Survey
from kizuna.web.act.surveys.services import answering, designing
from web.surveys.conftest import asked, door

pytestmark = pytest.mark.django_db

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.integers(0, 10)),
        st.tuples(st.just("look"), st.integers(0, 10)),
        st.tuples(st.just("press"), st.integers(0, 10)),
        st.tuples(st.just("press wrongly"), st.sampled_from(["", "11", "-1", "9.5", "nine"])),
    ),
    max_size=12,
)


def do(client: Client, ask: Ask, what: str, said: Any) -> None:
    if what == "press":
        assert client.post(door(ask), {"q1": said, "q2": "ok"}).status_code == 200
    elif what == "press wrongly":
        assert client.post(door(ask), {"q1": said}).status_code == 422
    else:
        method = client.get if what == "open" else client.head
        assert method(door(ask, said)).status_code == 200


def kept(ask: Ask) -> list[tuple[int | None, int]]:
    return list(Answer.objects.filter(ask=ask).values_list("score", "version"))


def run(client: Client, ask: Ask, steps: list[tuple[str, Any]]) -> None:
    """Whatever opens the links, what counts is what she pressed last."""
    Answer.objects.filter(ask=ask).delete()
    pressed: list[int] = []
    for what, said in steps:
        do(client, ask, what, said)
        if what == "press" and pressed[-1:] != [said]:
            pressed.append(said)
        assert kept(ask) == ([(pressed[-1], len(pressed))] if pressed else [])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_only_what_the_customer_presses_counts(
    client: Client, hana: Ask, steps: list[tuple[str, Any]]
) -> None:
    run(client, hana, steps)


def test_a_door_that_counts_what_is_opened_would_be_found(
    client: Client, hana: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = doors._filled

    def eager(ask: Ask, reply: str) -> Any:
        if reply:
            answering._keep(ask, plain(ask, reply), timezone.now())
        return plain(ask, reply)

    monkeypatch.setattr(doors, "_filled", eager)
    with pytest.raises(AssertionError):
        run(client, hana, [("open", 9), ("press", 3)])


def test_the_answer_in_the_link_is_filled_in(client: Client, hana: Ask) -> None:
    page = client.get(door(hana, 9)).content.decode()
    assert 'name="q1" value="9" checked' in page
    assert page.count(" checked") == 1
    assert " checked" not in client.get(door(hana, 12)).content.decode()


def test_the_page_needs_no_script_and_stays_out_of_caches_and_searches(
    client: Client, hana: Ask
) -> None:
    page = client.get(door(hana), headers={"accept-language": "ja"})
    assert page["Cache-Control"] == "private, no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    text = page.content.decode()
    assert "はなやを友人や同僚に薦める可能性はどのくらいありますか。" in text
    assert "hana" not in text


def test_another_word_with_the_customer_is_one_answer_that_changes(
    client: Client, hana: Ask
) -> None:
    client.post(door(hana), {"q1": "9"})
    client.post(door(hana), {"q1": "9"})
    assert kept(hana) == [(9, 1)]
    client.post(door(hana), {"q1": "4", "q2": "遅い"})
    answer = Answer.objects.get(ask=hana)
    assert (answer.score, answer.comment, answer.version) == (4, "遅い", 2)
    assert "4" in client.get(door(hana)).content.decode()


def test_an_answer_that_comes_late_or_after_the_close_is_not_taken(
    client: Client, hana: Ask, survey: Survey, aiko: Person
) -> None:
    long_ago = timezone.now() - timedelta(days=31)
    Ask.objects.filter(pk=hana.pk).update(made_at=long_ago, sent_at=long_ago)
    assert client.get(door(hana)).status_code == 410
    assert client.post(door(hana), {"q1": "9"}).status_code == 410
    other = asked(survey, "jun")
    designing.close(actor=aiko, pk=survey.pk)
    assert client.post(door(other), {"q1": "9"}).status_code == 410
    assert not Answer.objects.exists()


@pytest.mark.parametrize("token", ["x", "a" * 2_000, "gAAAAABo"])
def test_an_address_that_is_none_of_ours_leads_nowhere(
    client: Client, aiko: Person, token: str
) -> None:
    assert client.get(f"/s/{token}").status_code == 404


def test_a_test_link_shows_the_survey_and_keeps_nothing(client: Client, survey: Survey) -> None:
    path = links.test_path(survey)
    assert "This is a test" in client.get(path).content.decode()
    assert client.post(path, {"q1": "9"}).status_code == 200
    assert client.post(path, {}).status_code == 422
    assert not Answer.objects.exists()


def test_a_low_answer_is_told_once_and_a_good_one_never(
    client: Client, survey: Survey, hana: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[LowAnswer] = []
    monkeypatch.setattr(hooks, "LOW_ANSWER_HOOKS", [told.append])
    monkeypatch.setattr(answering, "LOW_ANSWER_HOOKS", [told.append])
    for score in ("9", "6", "2", "8", "1"):
        client.post(door(hana), {"q1": score})
    client.post(door(asked(survey, "jun")), {"q1": "7"})
    assert [(one.customer_id, one.score, one.key) for one in told] == [
        ("hana", 6, hana.response_id)
    ]
