"""Whom the simulated company knows at its accounts, and what its two success managers noted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from kizuna.demo.people import COLLEAGUE_EMAIL, FAMILY, GIVEN, OWNER_EMAIL, TEAM, customer_id
from kizuna.demo.subscriptions import Contract, Subscriptions

GONE, BILLING, CHAMPION, NOTED = 0.12, 0.4, 0.6, 0.35
TITLES = {
    "sponsor": ("Head of general affairs", "総務部長"),
    "decides": ("Managing director", "常務取締役"),
    "champion": ("Office manager", "総務課"),
    "billing": ("Accounting", "経理課"),
}
NOTES = (
    ("Prefers a call in the morning.", "お電話は午前中がご希望とのことです。"),
    ("Moves into a second floor in spring: more seats.", "春に増床予定。席数追加のご相談あり。"),
    ("Asked for flowers with little scent.", "香りの控えめな花をご希望です。"),
)
LEFT = (
    "{name}, who had brought us in, has left the company. @{owner} let us find out who follows.",
    "導入を進めてくださった{name}様がご退職。@{owner} 後任の方を確認しましょう。",
)


@dataclass(frozen=True, slots=True)
class Known:
    """Someone at an account."""

    customer_id: str
    name: str
    name_kana: str
    role: str
    title: str
    email: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What one of the team wrote about an account."""

    customer_id: str
    text: str
    author: str


@dataclass(slots=True)
class Relations:
    """People and notes; of `gone` the sponsor has left."""

    contacts: list[Known] = field(default_factory=list)
    notes: list[Noted] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def draw_relations(
    drawn: Subscriptions, listed: Sequence[Mapping[str, str]], lang: str, chance: Random
) -> Relations:
    """Draw who is known at companies whose contract runs and whom somebody looks after."""
    found, ja = Relations(), lang == "ja"
    for made in _accounts(drawn):
        who, owner = customer_id(made.customer), listed[made.customer]["owner_email"]
        if not owner:
            continue
        gone = chance.random() < GONE
        people = list(_people(who, ja, chance))
        found.contacts += [one for one in people if not (gone and one.role == "sponsor")]
        if gone:
            other = OWNER_EMAIL if owner == COLLEAGUE_EMAIL else COLLEAGUE_EMAIL
            said = {"name": people[0].name, "owner": TEAM[owner][lang]}
            found.notes.append(Noted(who, LEFT[ja].format(**said), other))
            found.gone.append(who)
        elif chance.random() < NOTED:
            found.notes.append(Noted(who, chance.choice(NOTES)[ja], owner))
    return found


def write_relations(path: Path, found: Relations) -> None:
    """Write them down as JSON."""
    path.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n", "utf-8")


def read_relations(path: Path) -> Relations:
    """Read what `write_relations` wrote."""
    said = json.loads(path.read_text("utf-8"))
    contacts = [Known(**one) for one in said["contacts"]]
    return Relations(contacts, [Noted(**one) for one in said["notes"]], said["gone"])


def _accounts(drawn: Subscriptions) -> list[Contract]:
    return [made for made in drawn.contracts if made.seats and made.runs_on(drawn.as_of)]


def _people(who: str, ja: bool, chance: Random) -> Iterator[Known]:
    """Give the sponsor first, whoever decides, and perhaps more."""
    roles = ["sponsor", "decides"]
    roles += ["champion"] * (chance.random() < CHAMPION)
    roles += ["billing"] * (chance.random() < BILLING)
    for role in roles:
        last, first = chance.choice(FAMILY), chance.choice(GIVEN)
        yield Known(
            customer_id=who,
            name=f"{last.kanji} {first.kanji}" if ja else f"{first.roman} {last.roman}",
            name_kana=f"{last.kana} {first.kana}" if ja else "",
            role=role,
            title=TITLES[role][ja],
            email=f"{first.roman}.{last.roman}.{who}@example.com".lower(),
        )
