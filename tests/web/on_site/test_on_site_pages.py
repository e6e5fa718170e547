"""Pages of messages on the site: written, looked at, decided, in both languages, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.actions.models import State
from kizuna.web.act.on_site.models import Message, Secret
from kizuna.web.act.on_site.paths import matches
from kizuna.web.act.surveys.models import Survey
from kizuna.web.act.surveys.services import designing
from kizuna.web.capture.snippet.models import Site
from kizuna.web.capture.snippet.notices import notices
from kizuna.web.capture.snippet.tags import tag_of
from web.conftest import ClientOf
from web.on_site.conftest import SAID, written
from web.surveys.conftest import SAID as SURVEY

pytestmark = pytest.mark.django_db
FORM = {name: "" if value is None else value for name, value in SAID.items()} | {"holdout": "10"}


@pytest.fixture
def survey(aiko: Person) -> Survey:
    made = designing.add(actor=aiko, said=SURVEY)
    return designing.open_up(actor=aiko, pk=made.pk)


@pytest.fixture
def client(aiko: Person, client_of: ClientOf) -> Client:
    return client_of(aiko)


def test_a_message_is_written_and_goes_live(client: Client) -> None:
    assert "No message on the site yet" in client.get("/on-site/").text
    form = client.get("/on-site/new").text
    names = ("name", "survey", "body_ja", "link", "holdout")
    order = [form.index(f'name="{one}"') for one in names]
    assert order == sorted(order), "what it is, its words, and then when and to whom"
    answer = client.post("/on-site/new", FORM)
    made = Message.objects.get()
    assert answer.headers["Location"] == f"/on-site/{made.pk}"
    assert (made.action.kind, made.action.holdout, made.action.state) == ("on_site", 0.1, "draft")
    client.post(f"/on-site/{made.pk}/decide", {"step": "go_live"})
    assert Message.objects.get().action.state == State.LIVE
    assert "Autumn" in client.get("/on-site/").text
    verbs = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"act.on_site.drafted", "act.action.drafted", "act.action.live"} <= verbs


def test_a_survey_is_asked_from_its_own_page(client: Client, survey: Survey) -> None:
    page = client.get(f"/surveys/{survey.pk}").text
    assert f"/on-site/new?survey={survey.pk}" in page
    bare = FORM | {"survey": survey.pk, "body_ja": "", "button_ja": "", "link": ""}
    assert client.post("/on-site/new", bare | {"button_ja": "x"}).status_code == 422
    client.post("/on-site/new", bare)
    made = Message.objects.get()
    assert (made.survey, made.action.holdout) == (survey, 0.0), "one chance: that of the survey"
    client.post(f"/on-site/{made.pk}/decide", {"step": "go_live"})
    page = client.get(f"/on-site/{made.pk}").text
    assert "recommend Hanaya" in page
    assert f"/surveys/{survey.pk}/results" in page
    assert f"/on-site/{made.pk}" in client.get(f"/surveys/{survey.pk}").text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "https://"}, "link"),
        ({"link": ""}, "link"),
        ({"body_ja": ""}, "body_ja"),
        ({"body_ja": "{{ customer.nmae | \"x\" }}"}, "body_ja"),
        ({"body_ja": "{{ customer.name }}"}, "body_ja"),
        ({"body_ja": "{{ value.link | \"x\" }}"}, "body_ja"),
        ({"trigger": "scroll", "after": "120"}, "after"),
        ({"audience": "segment"}, "segment"),
        ({"from_on": "2026-05-02", "until_on": "2026-05-01"}, "until_on"),
        ({"times": "0"}, "times"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(
    client: Client, wrong: dict[str, str], field: str
) -> None:
    answer = client.post("/on-site/new", FORM | wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Message.objects.exists()


def test_a_message_is_changed_and_nobody_writes_over_another(
    client: Client, banner: Message
) -> None:
    assert client.get(f"/on-site/{banner.pk}/change").status_code == 200
    changed = FORM | {"edition": "1", "times": "3", "holdout": "20"}
    assert client.post(f"/on-site/{banner.pk}/change", changed).status_code == 302
    found = Message.objects.get()
    assert (found.times, found.action.holdout, found.edition) == (3, 0.2, 2)
    again = client.post(f"/on-site/{banner.pk}/change", changed | {"times": "5"})
    assert (again.status_code, Message.objects.get().times) == (422, 3)


def test_a_message_that_has_ended_stays_ended(client: Client, banner: Message) -> None:
    client.post(f"/on-site/{banner.pk}/decide", {"step": "conclude"})
    client.post(f"/on-site/{banner.pk}/decide", {"step": "go_live"})
    assert Message.objects.get().action.state == State.CONCLUDED
    assert client.post(f"/on-site/{banner.pk}/decide", {"step": "x"}).status_code == 404


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_are_there_in_both_languages(
    client: Client, banner: Message, language: str, django_assert_max_num_queries: Any
) -> None:
    client.post("/language/", {"language": language})
    for path, most in (("", 12), (f"{banner.pk}", 22), ("new", 12), ("secret", 9)):
        with django_assert_max_num_queries(most):
            page = client.get(f"/on-site/{path}")
        assert page.status_code == 200
    page = client.get(f"/on-site/{banner.pk}").text
    assert "&lt;script&gt;x" not in page, "what is looked at travels as data"
    assert "\\u003Cscript\\u003Ex" in page


def test_the_list_asks_no_more_for_more_messages(
    client: Client, aiko: Person, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        written(aiko, name=f"Message {number}")
    with django_assert_max_num_queries(12):
        client.get("/on-site/")


def test_who_may_look_may_not_change(chiyo: Person, banner: Message, client_of: ClientOf) -> None:
    looks = client_of(chiyo)
    assert looks.get(f"/on-site/{banner.pk}").status_code == 200
    for path in ("new", "secret", f"{banner.pk}/change"):
        assert looks.get(f"/on-site/{path}").status_code == 403
    assert looks.post(f"/on-site/{banner.pk}/decide", {"step": "pause"}).status_code == 403


def test_a_secret_is_shown_once_and_kept_sealed(client: Client) -> None:
    page = client.post("/on-site/secret")
    text = page.context["text"]
    assert text in page.text
    assert text not in client.get("/on-site/secret").text
    assert text not in Secret.objects.get().sealed
    assert text not in str(list(AuditEntry.objects.values()))


def test_the_action_leads_to_its_message(client: Client, banner: Message) -> None:
    assert f"/on-site/{banner.pk}" in client.get(f"/actions/{banner.action_id}").text


def test_a_site_says_in_tag_and_notice_that_it_shows_messages() -> None:
    site = Site(name="Shop", key="k", messages=True, recipient="A", purpose_ja="B", purpose_en="C")
    assert 'data-messages="on"' in tag_of(site, "https://kizuna.example")
    japanese, english = notices(site)
    assert "案内" in japanese.text
    assert "messages were shown" in english.text
    site.messages = False
    assert "messages" not in tag_of(site, "") + notices(site)[1].text


@pytest.mark.parametrize(
    ("pattern", "path", "is_meant"),
    [
        ("", "/any", True), ("/tea", "/tea", True), ("/tea", "/tea/", False),
        ("/tea/*", "/tea/", True), ("*/cart", "/en/cart", True), ("/a.b", "/axb", False),
        ("/x\n/y*", "/yes", True), ("**", "/", True),
    ],
)  # fmt: skip
def test_patterns_of_paths(pattern: str, path: str, is_meant: bool) -> None:
    assert matches(pattern, path) is is_meant
