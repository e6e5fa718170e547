"""The pages of sites: the tag, and the notice that follows the settings."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.capture.snippet.models import Site
from kizuna.web.capture.snippet.notices import notices
from kizuna.web.capture.snippet.tags import FILE, tag_of

pytestmark = pytest.mark.django_db
SAID = {
    "name": "Shop",
    "key": "kwb_abc",
    "consent": "ask",
    "pages": "on",
    "query": "utm",
    "session_minutes": "30",
    "recipient": "絆商店株式会社",
    "purpose_ja": "サイトの改善のため",
    "purpose_en": "To improve the site",
    "contact": "https://shop.example/privacy",
}


@pytest.fixture
def owner(client_of: Any, aiko: Person) -> Client:
    client: Client = client_of(aiko)
    return client


def site(**more: Any) -> Site:
    return Site.objects.create(**SAID | {"pages": True, "session_minutes": 30} | more)


def test_a_site_is_added_shown_changed_and_removed(owner: Client) -> None:
    assert "No site yet" in owner.get("/sites/").content.decode()
    assert owner.get("/sites/new").status_code == 200
    owner.post("/sites/new", SAID)
    found = Site.objects.get()
    assert "Shop" in owner.get("/sites/").content.decode()
    owner.post(f"/sites/{found.pk}/change", SAID | {"consent": "given"})
    page = owner.get(f"/sites/{found.pk}").content.decode()
    assert "&lt;script defer" in page, "it is shown, not run"
    assert '<script defer src="http://testserver/static/snippet' not in page
    shown = html.unescape(page)
    assert 'data-key="kwb_abc" data-consent="given"></script>' in shown
    owner.post(f"/sites/{found.pk}/remove")
    assert not Site.objects.exists()
    done = [entry.action for entry in AuditEntry.objects.order_by("number")]
    assert done == ["capture.site.added", "capture.site.changed", "capture.site.removed"]


def test_the_tag_says_only_what_differs() -> None:
    plain = tag_of(site(), "https://k.example")
    assert plain == (
        f'<script defer src="https://k.example/static/{FILE}" data-key="kwb_abc"></script>'
    )
    full = tag_of(site(name="2", pages=False, query="all", session_minutes=5), "")
    assert 'data-pages="off" data-query="all" data-session="5"' in full


def test_the_tag_lets_no_key_break_out() -> None:
    assert "<b>" not in tag_of(site(key='"><b>'), "")


def test_the_script_that_the_tag_names_is_there() -> None:
    assert finders.find(FILE)


def test_the_notice_says_what_to_whom_and_to_what_end_in_both_languages() -> None:
    ja, en = notices(site())
    assert ja.facts[1:] == [("送信先", ["絆商店株式会社"]), ("利用目的", ["サイトの改善のため"])]
    assert en.facts[2] == ("To what end", ["To improve the site"])
    assert len(ja.facts[0][1]) == len(en.facts[0][1]) == 6
    assert "https://shop.example/privacy" in ja.text
    assert "同意をいただくまで" in ja.text


def test_the_notice_follows_the_settings() -> None:
    asks, begins = notices(site())[1], notices(site(name="2", consent="given", query="all"))[1]
    assert "before you agree" in asks.text
    assert "Global Privacy Control" not in asks.text
    assert "Global Privacy Control" in begins.text
    assert "left out" in asks.text
    assert "left out" not in begins.text


def test_a_key_has_no_spaces_and_a_name_is_one_site(owner: Client) -> None:
    owner.post("/sites/new", SAID)
    assert owner.post("/sites/new", SAID).status_code == 422
    assert owner.post("/sites/new", SAID | {"name": "2", "key": "a b"}).status_code == 422


def test_pages_ask_little_of_the_database(owner: Client) -> None:
    found = site()
    with CaptureQueriesContext(connection) as asked:
        owner.get(f"/sites/{found.pk}")
    assert len(asked) <= 8


def test_members_may_not(client_of: Any, ben: Person) -> None:
    assert client_of(ben).get("/sites/").status_code == 403


def test_the_database_refuses_what_cannot_be() -> None:
    site()
    with pytest.raises(IntegrityError), transaction.atomic():
        Site.objects.update(consent="never")
    with pytest.raises(IntegrityError), transaction.atomic():
        Site.objects.update(session_minutes=0)
