"""Voice of the customer: themes, comments and labels, the register of gaps, and who may."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kizuna.jobs import erasure
from kizuna.jobs.subjects import Subject
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import execute
from kizuna.pipeline.steps import select
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.capture.privacy import records
from kizuna.web.know.publications import services as publications
from kizuna.web.know.publications.hooks import GIVEN_HOOKS
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.publications.queries import published
from kizuna.web.know.voice import services
from kizuna.web.know.voice.giving import give_voice
from kizuna.web.know.voice.models import Gap, Label, ThemeWords
from kizuna.web.know.voice.queries import of_customer as comments_of
from kizuna.web.know.voice.wording import moods, of_customer
from tiny_tables import STEPS, a_run, table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db(transaction=True)

TARGETS = ("themes", "theme_proposals", "gap_effects")
CONTRACT = {"contract_id": "C1", "customer_id": "acme", "amount": 500, "currency": "JPY"} | {
    "started_on": date(2026, 1, 1),
    "billing_months": 1,
    "term_months": 12,
}


def answer(number: int, comment: str, score: float) -> dict[str, Any]:
    when = datetime(2026, 1, 1 + number % 28, 9)
    scale = {"kind": "nps", "scale_low": 0.0, "scale_high": 10.0}
    row = {"response_id": str(number), "customer_id": "acme", "answered_at": when}
    return row | {"comment": comment, "score": score} | scale


ANSWERS = [answer(n, "配送が遅い", 2.0 + n % 2) for n in range(6)]
ANSWERS += [answer(n, "お花がきれい", 9.0 + n % 2) for n in range(6, 40)]
ANSWERS += [answer(40, "<b>こんにちは</b>", 5.0)]


@pytest.fixture
def voices(settings: Any, tmp_path: Path) -> Path:
    """Publish a company whose customers say something."""
    settings.KIZUNA_HOME = tmp_path
    store = Store(tmp_path / "store")
    store.write("contracts", table("contracts", [CONTRACT]))
    store.write("responses", table("responses", ANSWERS))
    publish()
    return tmp_path


def publish() -> None:
    """Make the tables of voice alone, and publish them."""
    kept = publications.store()
    give_voice(kept)
    with Engine(threads=2) as engine:
        trace = execute(select(STEPS, *TARGETS), engine, a_run("2026-01-31"), store=kept)
    Publication.objects.create(
        status=Status.PUBLISHED,
        published_at=timezone.now(),
        as_of=date(2026, 1, 31),
        versions={step.step: step.version for step in trace.steps},
        summary={"currency": "JPY"},
    )


@pytest.fixture
def member(ben: Person, client_of: ClientOf) -> Client:
    return client_of(ben)


def opened(client: Client, page: str) -> str:
    found = client.get(page)
    assert found.status_code == 200
    return str(found.content.decode())


def test_the_pages_of_voice(
    voices: Path, member: Client, aiko: Person, ben: Person, chiyo: Person, client_of: ClientOf
) -> None:
    """All in one publication: computing the figures takes most of the time."""
    page = opened(member, "/voice/")
    assert "/voice/theme?theme=delivery" in page
    assert "90% interval" in page
    _a_theme_shows_its_comments(member)
    _a_label_is_kept_and_recorded(member, ben)
    _what_is_no_comment_or_theme_is_refused(member)
    _gaps_come_and_go(member, ben)
    _the_pages_are_there_in_japanese(ben, aiko, client_of)
    _a_customer_shows_what_she_said()
    _a_manager_changes_the_dictionary(client_of(aiko), voices)
    _a_viewer_only_looks(client_of(chiyo))
    _an_erasure_reaches_what_was_confirmed(voices)


def _a_theme_shows_its_comments(client: Client) -> None:
    page = opened(client, "/voice/theme?theme=delivery")
    assert "配送が遅い" in page
    assert "お花がきれい" not in page
    assert "Nobody said" in opened(client, "/voice/theme?theme=delivery&mood=good")
    assert "&lt;b&gt;こんにちは" in opened(client, "/voice/theme?theme=other")
    assert client.get("/voice/theme?theme=nothing").status_code == 404


def _a_label_is_kept_and_recorded(client: Client, ben: Person) -> None:
    said = {"customer_id": "acme", "comment_id": "answer:1", "theme": "delivery", "holds": "0"}
    assert client.post("/voice/label?theme=delivery", said).status_code == 302
    assert Label.objects.get().holds is False
    assert AuditEntry.objects.filter(action="know.voice.labelled").exists()
    assert "not about this" in opened(client, "/voice/theme?theme=delivery")
    publish()
    page = opened(client, "/voice/theme?theme=delivery")
    assert page.count("配送が遅い") == 5


def _what_is_no_comment_or_theme_is_refused(client: Client) -> None:
    said = {"customer_id": "acme", "comment_id": "answer:1", "theme": "delivery", "holds": "1"}
    wrong = ({"theme": "x"}, {"comment_id": "answer:999"}, {"holds": "maybe"})
    for change in wrong:
        assert client.post("/voice/label?theme=delivery", said | change).status_code == 404


def _gaps_come_and_go(client: Client, ben: Person) -> None:
    given = {"theme": "delivery", "about": "Late on Mondays", "owner": str(ben.pk)}
    no_words = client.post("/voice/gaps/open", given | {"improved_on": "2026-01-20"})
    assert "Say what was improved." in no_words.content.decode()
    client.post("/voice/gaps/open", given)
    gap = Gap.objects.get()
    improved = {"improvement": "A second van", "improved_on": "2026-01-20", "version": "1"}
    client.post(f"/voice/gaps/{gap.pk}", given | improved)
    late = client.post(f"/voice/gaps/{gap.pk}", given | improved)
    assert "Someone else changed this gap" in late.content.decode()
    publish()
    page = opened(client, "/voice/")
    assert "A second van" in page
    assert "points" in page
    client.post(f"/voice/gaps/{gap.pk}/remove")
    assert not Gap.objects.exists()
    names = set(AuditEntry.objects.values_list("action", flat=True))
    assert {f"know.voice.gap_{what}" for what in ("opened", "changed", "removed")} <= names


def _the_pages_are_there_in_japanese(ben: Person, aiko: Person, client_of: ClientOf) -> None:
    for person in (ben, aiko):
        person.language = "ja"
        person.save()
    for address in ("/voice/", "/voice/theme?theme=delivery", "/voice/gaps/open"):
        opened(client_of(ben), address)
    for address in ("/voice/words", "/voice/words/delivery"):
        assert "辞書" in opened(client_of(aiko), address)
    for person in (ben, aiko):
        person.language = "en"
        person.save()


def _a_customer_shows_what_she_said() -> None:
    state = published()
    assert state is not None
    said = of_customer(state, comments_of(state, "acme"))
    assert len(said) == 5
    assert {theme["word"] for one in said for theme in one["themes"]} <= set(moods().values())
    assert of_customer(state, comments_of(state, "nobody")) == []


def _a_manager_changes_the_dictionary(client: Client, folder: Path) -> None:
    assert "packaged dictionary" in opened(client, "/voice/words")
    page, given = "/voice/words/delivery", {"label_ja": "配送", "label_en": "Delivery"}
    assert "at least one word" in client.post(page, given | {"words": " | "}).content.decode()
    words = {"words": "遅い\nLate \n遅い", "version": "1"}
    assert client.post(page, given | words).status_code == 302
    assert ThemeWords.objects.get(theme="delivery").words == "遅い|Late "
    late = client.post(page, given | words)
    assert "Someone else changed this theme" in late.content.decode()
    assert "Versions" in opened(client, page)
    client.post("/voice/words/add", {"label_ja": "花", "label_en": "Flowers", "words": "花"})
    added = ThemeWords.objects.get(label_en="Flowers")
    for give in GIVEN_HOOKS:
        give(Store(folder / "store"))
    publish()
    assert f"/voice/theme?theme={added.theme}" in opened(client, "/voice/")
    client.post(f"/voice/words/{added.theme}/remove")
    assert not ThemeWords.objects.filter(pk=added.pk).exists()
    assert client.get("/voice/words/nothing").status_code == 404


def _an_erasure_reaches_what_was_confirmed(folder: Path) -> None:
    store, who = Store(folder / "store"), Subject(("acme",), ())
    assert store.read("comment_labels").num_rows == 1
    places = {one.place for one in records.erase(who)}
    assert "database/voice_label" in places
    assert not Label.objects.exists()
    erasure.erase(store, who, at=timezone.now())
    assert store.read("comment_labels").num_rows == 0
    give_voice(store)
    assert store.read("comment_labels").num_rows == 0


def _a_viewer_only_looks(client: Client) -> None:
    assert "<form" not in opened(client, "/voice/theme?theme=delivery").split("<main")[1]
    for page in ("/voice/gaps/open", "/voice/words", "/voice/words/delivery"):
        assert client.get(page).status_code == 403
    assert client.post("/voice/label").status_code == 403


def test_the_pages_ask_the_database_for_little(
    voices: Path, member: Client, django_assert_max_num_queries: Any
) -> None:
    member.get("/voice/")
    with django_assert_max_num_queries(9):
        member.get("/voice/")
    with django_assert_max_num_queries(9):
        member.get("/voice/theme?theme=delivery")


def test_nothing_published_says_what_to_do(settings: Any, tmp_path: Path, member: Client) -> None:
    settings.KIZUNA_HOME = tmp_path
    assert "Import answers" in opened(member, "/voice/")
    assert member.get("/voice/theme?theme=delivery").status_code == 404


def test_a_gap_that_went_live_without_a_word_is_refused_by_the_database(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Gap.objects.create(theme="price", about="x", improved_on=date(2026, 1, 1))


def test_a_change_that_cannot_be_recorded_is_not_made(
    ben: Person, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KIZUNA_HOME = tmp_path

    def fail(**_said: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "audit", fail)
    with pytest.raises(RuntimeError):
        services.open_gap(actor=ben, values={"theme": "price", "about": "dear"})
    assert not Gap.objects.exists()
