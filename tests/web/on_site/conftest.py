"""A message that is live on a site, and a page that asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kizuna.web.accounts.models import Person
from kizuna.web.act.on_site import doors, services
from kizuna.web.act.on_site.models import Message
from kizuna.web.capture.ingest.models import Kind
from kizuna.web.capture.ingest.services import make_key

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0"
ORIGIN = "https://shop.example"
BROWSER = "0123456789abcdef" * 2
SAID = {
    "name": "Autumn", "purpose": "", "look": "banner", "trigger": "at_once", "after": 0,
    "pages": "", "audience": "everyone", "segment": None, "link": "https://shop.example/sale",
    "title_ja": "秋の**お知らせ**", "title_en": "",
    "body_ja": "**新しい**お茶です。\n<script>x</script>",
    "body_en": "", "button_ja": "見る", "button_en": "", "from_on": None, "until_on": None,
    "times": 1, "days": 30, "holdout": 0.0,
}  # fmt: skip
type Ask = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Give each test keys, a door and tables of its own."""
    settings.KIZUNA_HOME = tmp_path
    doors._door.cache_clear()
    yield tmp_path
    doors._door.cache_clear()


@pytest.fixture
def key(aiko: Person) -> str:
    """Give a write key of the shop's pages."""
    return make_key(actor=aiko, name="shop", kind=Kind.BROWSER, origins=[ORIGIN])[1]


def written(actor: Person, **more: Any) -> Message:
    """Write a message, and let it go live."""
    made = services.draft(actor=actor, said=SAID | more)
    services.decide(actor=actor, message=made, step="go_live")
    return Message.objects.get(pk=made.pk)


@pytest.fixture
def banner(aiko: Person) -> Message:
    """Give a banner that is live and holds nobody out."""
    return written(aiko)


def post(to: str, agent: str = AGENT, /, **said: Any) -> Any:
    """Send what the script sends."""
    return Client().post(
        to, json.dumps(said), content_type="text/plain",
        headers={"Origin": ORIGIN, "User-Agent": agent},
    )  # fmt: skip


@pytest.fixture
def ask(key: str) -> Ask:
    """Ask for a message as a page does."""

    def asked(message: Message, agent: str = AGENT, **more: Any) -> dict[str, Any]:
        said = {"key": key, "message": message.pk, "browser": BROWSER, "path": "/tea"}
        answer = post("/v1/on-site/ask", agent, **(said | {"language": "ja"} | more))
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    return asked
