"""What the results page says of each action, read from the page that a person gets.

    said = read_page(measured, home)

The figures are published, and the list is opened page by page: a word and two amounts are all that
is taken from it. Whoever calls undoes the transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.test import Client
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.actions.models import Action
from kizuna.web.know.publications.models import Publication, Status
from nothing_done import Measured, effects_of

EARNS, HARMS, OPEN = "Earns", "Harms", "Not yet known"
CARD = re.compile(
    r'<h2 id="result-\d+"><a href="/results/(?P<action>\d+)/">.*?<span class="badge .*?'
    r"<span>(?P<word>[^<]+)</span>.*?<p>(?P<said>.*?)</p>(?P<rest>.*?)</section>",
    re.DOTALL,
)
BETWEEN = re.compile(r"between (\S+) and (\S+)[,:)]")
TREATED = re.compile(r"([\d,]+) treated")
BESIDE = ("effect_parts", "effect_days", "effect_claims")
"""Published too, and not looked at here."""


@dataclass(frozen=True)
class Said:
    """What the page says of an action: in one word, and what all its customers brought in more."""

    action: str
    word: str
    low: float | None
    high: float | None
    treated: int


def read_page(found: Measured, home: Path) -> list[Said]:
    """Publish what was measured, open the list of results, and read it to its end."""
    Action.objects.bulk_create(found.placed.actions)
    _publish(found, Store(home / "store"))
    reader = Client()
    reader.force_login(Person.objects.create(email="r@example.com", name="R", role=Role.VIEWER))
    return list(_cards(reader))


def _publish(found: Measured, store: Store) -> None:
    tables = {"effects": effects_of(found), "experiment_counts": found.counts}
    tables |= {name: arrow_schema(name).empty_table() for name in BESIDE}
    Publication.objects.create(
        status=Status.PUBLISHED,
        published_at=timezone.now(),
        as_of=found.run.as_of,
        versions={name: store.write(name, table) for name, table in tables.items()},
        read_versions={"experiments": store.write("experiments", found.placed.experiments)},
        summary={"currency": "JPY"},
    )


def _cards(reader: Client) -> Iterator[Said]:
    number = 1
    while cards := CARD.findall(_page(reader, number)):
        yield from (_said(*card) for card in cards)
        number += 1


def _page(reader: Client, number: int) -> str:
    answer = reader.get("/results/", {"page": number}, headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def _said(action: str, word: str, text: str, rest: str) -> Said:
    treated, between = TREATED.search(rest), BETWEEN.search(text)
    low, high = (_amount(end) for end in between.groups()) if between else (None, None)
    if word == HARMS and low is not None and high is not None:  # the page says how much less
        low, high = -high, -low
    return Said(action, word, low, high, _number(treated[1]) if treated else 0)


def _amount(text: str) -> float:
    assert "¥" in text, text
    return float(_number(text)) * (-1 if text[0] in "-−(" else 1)


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text))
