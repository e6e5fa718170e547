"""A survey that is open, and a customer's link to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kizuna.web.accounts.models import Person
from kizuna.web.act.surveys import links
from kizuna.web.act.surveys.models import Ask, Standing, Survey
from kizuna.web.act.surveys.services import asking, designing

SAID = {
    "name": "Half-yearly",
    "kind": "nps",
    "subject_en": "Hanaya",
    "subject_ja": "はなや",
    "low_at": None,
    "every": 6,
    "next_on": None,
    "open_days": 30,
    "segment": None,
    "holdout": 0.0,
}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """Keep the inbox and the tables of each test apart."""
    settings.KIZUNA_HOME = tmp_path
    return tmp_path


@pytest.fixture
def draft(aiko: Person) -> Survey:
    """Give an official survey that is not open yet."""
    return designing.add(actor=aiko, said=SAID)


@pytest.fixture
def survey(aiko: Person, draft: Survey) -> Survey:
    """Give an open one."""
    return designing.open_up(actor=aiko, pk=draft.pk)


@pytest.fixture
def hana(survey: Survey) -> Ask:
    """Give the asking of a customer, sent."""
    return asked(survey, "hana")


def asked(survey: Survey, customer_id: str) -> Ask:
    """Ask a customer, and let it have been sent."""
    now = timezone.now()
    made = asking.ask(survey=survey, customer_id=customer_id, key=f"k:{customer_id}", at=now)
    Ask.objects.filter(pk=made.pk, state=Standing.WAITING).update(state="sent", sent_at=now)
    return Ask.objects.get(pk=made.pk)


def door(ask: Ask, reply: object = None) -> str:
    """Give the address of a customer's survey."""
    return links.answer_path(ask, reply)
