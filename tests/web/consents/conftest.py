"""Purposes to speak of, and somebody who manages them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kizuna.web.accounts.models import Person, Role
from kizuna.web.capture.consents.models import Purpose, Topic, Wording
from web.conftest import person


@pytest.fixture
def mia(db: None, settings: Any, tmp_path: Path) -> Person:
    """A manager, in a data folder of her own."""
    settings.KIZUNA_HOME = tmp_path
    return person("Mia", Role.MANAGER)


@pytest.fixture
def manager(client_of: Any, mia: Person) -> Client:
    """Her browser."""
    found: Client = client_of(mia)
    return found


@pytest.fixture
def news(mia: Person) -> Purpose:
    """A promotional purpose with words."""
    said = {
        "kind": "promotional",
        "channels": ["email", "sms"],
        "name_en": "News",
        "name_ja": "お知らせ",
    }
    found, _made = Purpose.objects.update_or_create(code="news", defaults=said)
    Wording(purpose=found, version=1, text_en="We write once a month.", made_by=mia).save()
    return found


@pytest.fixture
def events(news: Purpose) -> Topic:
    """A topic of it."""
    return Topic.objects.create(purpose=news, code="events", name_en="Events")
