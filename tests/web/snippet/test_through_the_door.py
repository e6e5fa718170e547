"""The script, a real browser and the application's own door: what is sent is in the inbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.capture.inbox import open_inbox
from kizuna.web.capture.ingest import api
from kizuna.web.capture.ingest.models import Kind
from kizuna.web.capture.ingest.services import make_key
from kizuna.web.capture.snippet.models import Site
from kizuna.web.capture.snippet.tags import tag_of
from web.snippet.shop import Shop
from web.snippet.test_in_browser import CHROMIUM, FLAGS, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: make system-parts"),
]


@pytest.fixture
def fresh(settings: Any, tmp_path: Path) -> Iterator[None]:
    """An inbox and a door of the test's own."""
    settings.KIZUNA_HOME = tmp_path
    for kept in (api._door, api._inbox):
        kept.cache_clear()
    yield
    for kept in (api._door, api._inbox):
        kept.cache_clear()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened.new_page()
        opened.close()


def test_a_visit_is_in_the_inbox(fresh: None, live_server: Any, page: Any) -> None:
    shop, complaints = Shop(), list[str]()
    owner = Person.objects.create(email="aiko@example.com", name="Aiko", role=Role.OWNER)
    _key, text = make_key(actor=owner, name="shop", kind=Kind.BROWSER, origins=[shop.url])
    site = Site.objects.create(
        name="Shop", key=text, consent="given", recipient="A", purpose_ja="B", purpose_en="C"
    )
    shop.tag = str(tag_of(site, live_server.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(shop.url + "/")
    page.evaluate("kizuna.identify('C-1001', {name: '山田'})")
    until(page, lambda: not page.evaluate("Object.keys(localStorage).join().includes('kz.q.')"))
    inbox = open_inbox()
    bodies = [json.loads(entry.body) for entry in inbox.claim(1, 100)]
    inbox.close()
    said = [message for body in bodies for message in body["batch"]]
    assert [message["type"] for message in said] == ["page", "identify"]
    assert said[1]["traits"] == {"name": "山田"}
    assert complaints == []
    shop.close()
