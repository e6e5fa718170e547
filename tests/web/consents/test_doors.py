"""Links of customers: preferences, unsubscribing by one click, and what scanners cannot do."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kizuna.jobs.tombstones import Tombstones
from kizuna.web.accounts.models import AuditEntry
from kizuna.web.capture.consents import doors, messages, queries
from kizuna.web.capture.consents.links import (
    PREFERENCES,
    UNSUBSCRIBE,
    Sealed,
    preferences_path,
    seal,
    unsubscribe_path,
)
from kizuna.web.capture.consents.models import Consent, Purpose, Sender, Topic, Wording
from kizuna.web.capture.consents.services import choosing, recording
from kizuna.web.capture.consents.services.recording import Said

pytestmark = pytest.mark.django_db
HANA = "hana@example.jp"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def allowed(channel: str = "email", topic: str = "") -> bool:
    return queries.may(HANA, channel=channel, purpose="news", topic=topic).allowed


@pytest.fixture
def said_yes(news: Purpose, mia: Any) -> Purpose:
    for channel in ("email", "sms"):
        recording.record(actor=mia, said=Said(HANA, "granted", "news", channel))
    return news


@pytest.fixture
def stop() -> str:
    return unsubscribe_path(Sealed(HANA, "news", "email"))


def test_one_click_unsubscribes_at_once_and_of_that_alone(
    client: Client, said_yes: Purpose, stop: str
) -> None:
    answer = client.post(stop, ONE_CLICK)
    assert (answer.status_code, answer.content) == (200, b"unsubscribed\n")
    assert not answer.cookies
    assert not allowed()
    assert allowed("sms")
    word = Consent.objects.order_by("-pk")[0]
    assert (word.status, word.source) == ("withdrawn", "one_click")
    assert word.proof["address"] == "127.0.0.1"


def test_the_body_of_the_standard_is_taken_in_both_its_encodings(
    client: Client, said_yes: Purpose, stop: str
) -> None:
    body = "List-Unsubscribe=One-Click"
    asked = Client(enforce_csrf_checks=True)
    form = "application/x-www-form-urlencoded"
    assert asked.post(stop, body, content_type=form).status_code == 200
    assert not allowed()
    assert asked.post(stop, ONE_CLICK).status_code == 200, "multipart/form-data"


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_changes_nothing(
    client: Client, said_yes: Purpose, stop: str, method: str
) -> None:
    for path in (stop, preferences_path(HANA), stop + "?unsubscribe=1&List-Unsubscribe=One-Click"):
        assert getattr(client, method)(path).status_code == 200
    assert allowed()


def test_a_door_that_unsubscribes_whoever_opens_it_would_be_found(
    client: Client, said_yes: Purpose, stop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def eager(request: Any, name: str, shown: Any, status: int = 200) -> Any:
        choosing.unsubscribe(token=stop.rpartition("/")[2], one_click=False, request=request)
        return honest(request, name, shown, status)

    honest = doors._page
    monkeypatch.setattr(doors, "_page", eager)
    with pytest.raises(AssertionError):
        test_opening_a_link_changes_nothing(client, said_yes, stop, "get")


def test_a_post_that_says_nothing_does_nothing_and_does_not_pretend_to(
    client: Client, said_yes: Purpose, stop: str
) -> None:
    assert client.post(stop).status_code == 400
    assert allowed()


def test_the_button_unsubscribes_and_leads_to_the_preferences(
    client: Client, said_yes: Purpose, stop: str
) -> None:
    assert "Receive no more" in client.get(stop).content.decode()
    page = client.post(stop, {"unsubscribe": "1"}).content.decode()
    assert "You are unsubscribed" in page
    assert "/preferences/" in page
    assert not allowed()


def test_saying_it_again_adds_nothing_until_a_yes_came_between(
    client: Client, said_yes: Purpose, stop: str, mia: Any
) -> None:
    for _time in range(3):
        client.post(stop, ONE_CLICK)
    assert Consent.objects.filter(status="withdrawn").count() == 1
    recording.record(actor=mia, said=Said(HANA, "granted", "news", "email"))
    client.post(stop, ONE_CLICK)
    assert not allowed()


def test_after_a_yes_to_a_topic_the_link_of_the_whole_stops_that_too(
    client: Client, events: Topic, stop: str, mia: Any
) -> None:
    client.post(stop, ONE_CLICK)
    recording.record(actor=mia, said=Said(HANA, "granted", "news", "email", "events"))
    assert allowed(topic="events")
    client.post(stop, ONE_CLICK)
    assert not allowed(topic="events")


@pytest.mark.parametrize("path", ["unsubscribe", "preferences"])
def test_a_link_that_was_made_up_or_is_for_something_else_opens_nothing(
    client: Client, said_yes: Purpose, path: str
) -> None:
    kind = UNSUBSCRIBE if path == "preferences" else PREFERENCES
    good = seal(path, Sealed(HANA, "news", "email"))
    for token in ("x", "é", "A" * 9_000, good[:-3], seal(kind, Sealed(HANA, "news", "email"))):
        assert client.post(f"/{path}/{token}", ONE_CLICK).status_code == 404
    assert allowed()


def test_a_link_says_nothing_of_whose_it_is(stop: str) -> None:
    assert HANA not in stop
    assert stop != unsubscribe_path(Sealed(HANA, "news", "email"))


def test_the_page_is_kept_from_caches_searches_and_other_sites(
    client: Client, news: Purpose
) -> None:
    answer = client.get(preferences_path(HANA))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]


def choose(client: Client, shown: list[str], wanted: list[str]) -> str:
    answer = client.post(preferences_path(HANA), {"shown": shown, "wanted": wanted})
    return answer.content.decode()


def test_a_customer_chooses_and_the_words_shown_are_kept_with_it(
    client: Client, news: Purpose
) -> None:
    page = client.get(preferences_path(HANA)).content.decode()
    assert "We write once a month." in page
    assert "Your choice is saved" in choose(client, ["news/email/", "news/sms/"], ["news/email/"])
    word = Consent.objects.get()
    assert (word.status, word.channel, word.source) == ("granted", "email", "preferences")
    assert word.wording == Wording.objects.get()
    assert (allowed(), allowed("sms")) == (True, False)


def test_what_was_not_on_the_page_was_not_answered(client: Client, said_yes: Purpose) -> None:
    choose(client, ["news/sms/"], [])
    assert (allowed(), allowed("sms")) == (True, False)


def test_what_stays_as_it_is_is_not_said_again(client: Client, said_yes: Purpose) -> None:
    choose(client, ["news/email/", "news/sms/"], ["news/email/", "news/sms/"])
    assert Consent.objects.count() == 2


def test_topics_are_chosen_one_by_one(client: Client, events: Topic) -> None:
    choose(client, ["news/email/events"], ["news/email/events"])
    assert allowed(topic="events")
    assert not allowed()


def test_one_button_ends_everything_but_what_was_ordered(client: Client, said_yes: Purpose) -> None:
    client.post(preferences_path(HANA), {"stop": "1"})
    client.post(preferences_path(HANA), {"stop": "1"})
    assert not allowed()
    assert not allowed("sms")
    assert queries.may(HANA, channel="email", purpose="orders").allowed
    assert Consent.objects.filter(purpose=None).count() == 1


def test_each_click_is_in_the_audit_log(client: Client, said_yes: Purpose, stop: str) -> None:
    client.post(stop, ONE_CLICK)
    entry = AuditEntry.objects.latest("number")
    assert (entry.action, entry.actor) == ("capture.consent.withdrawn", None)
    assert entry.after["source"] == "one_click"


def test_an_old_link_writes_nothing_about_whoever_was_erased(
    client: Client, news: Purpose, stop: str, settings: Any
) -> None:
    from django.utils import timezone

    Tombstones(settings.KIZUNA_HOME).add([HANA], timezone.now())
    assert client.post(stop, ONE_CLICK).status_code == 200
    client.post(preferences_path(HANA), {"stop": "1"})
    choose(client, ["news/email/"], ["news/email/"])
    assert not Consent.objects.exists()
    assert not queries.may(HANA, channel="email", purpose="service").allowed


def test_the_customer_reads_it_in_japanese(client: Client, news: Purpose) -> None:
    page = client.get(preferences_path(HANA), headers={"Accept-Language": "ja"}).content.decode()
    assert "配信設定" in page
    assert "お知らせ" in page


def test_messages_carry_the_headers_and_the_lines_of_the_law(
    client: Client, said_yes: Purpose
) -> None:
    said = Sealed(HANA, "news", "email")
    with pytest.raises(messages.NoSenderError):
        messages.headers(said)
    Sender.objects.create(
        legal_name="絆商店株式会社", postal_address="東京都千代田区1-1", contact="03-0000-0000",
        site="https://kizuna.example.com", mailbox="stop@example.com",
    )  # fmt: skip
    found = messages.headers(said)
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    web, mail = found["List-Unsubscribe"].split(", ")
    assert web.startswith("<https://kizuna.example.com/unsubscribe/")
    assert mail == "<mailto:stop@example.com?subject=unsubscribe>"
    assert client.post(web.strip("<>").partition(".com")[2], ONE_CLICK).status_code == 200
    assert not allowed()
    footer = messages.footer(said)
    assert all(t in footer for t in ("絆商店株式会社", "東京都千代田区1-1", "03-0000-0000"))
