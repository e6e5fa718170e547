"""The store's card, taken down by hand: some customers stand there a second time, as hands write.

They bought nothing under the number of the card, so that orders and their truth stay as they are.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from kizuna.demo.people import FAMILY, GIVEN, PLACES, half_width

TWICE, AT_HOME = 0.02, 0.01
"""Shares of the customers who took a card too, and of those with whom a card holder lives."""
SHOWS: Final = (("mail", 35), ("phone", 30), ("both", 15), ("name", 14), ("nothing", 6))
"""By what one can tell: the same mail, telephone, both, name and reading alone, or by nothing."""
COLUMNS: Final = ("customer_id", "name", "name_kana", "kind", "email", "phone", "region", "city")
FORMS: Final = ("㈱", "（株）", "(株)")
OTHER_SIGNS: Final = str.maketrans("髙齋邊斎邉澤", "高斎辺齋辺沢")


@dataclass(slots=True)
class Cards:
    """Rows of the list, and what is true of them.

    Attributes
    ----------
    same : number of the card → customer who is the same.
    shows : number of the card → by what one can tell.
    at_home : number of the card → customer of the same telephone who is somebody else.

    """

    rows: list[dict[str, str]] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)
    shows: dict[str, str] = field(default_factory=dict)
    at_home: dict[str, str] = field(default_factory=dict)

    def truth(self) -> dict[str, Any]:
        """Say who is who, and by what it can be told how often."""
        counts = dict(sorted(Counter(self.shows.values()).items()))
        return {"same": self.same, "by": counts, "shows": self.shows, "at_home": self.at_home}


def draw_cards(listed: Sequence[Mapping[str, str]], lang: str, chance: Random) -> Cards:
    """Draw who took a card too, and who shares a telephone with a customer, as hands write it."""
    known = [row for row in listed if _is_whole(row, lang)]
    people = [row for row in known if row["kind"] in ("person", "個人")]
    twice = chance.sample(known, round(TWICE * len(listed)))
    homes = chance.sample(people, round(AT_HOME * len(listed)))
    order = chance.sample(range(len(twice) + len(homes)), len(twice) + len(homes))
    found = Cards()
    for place in order:
        number = f"M{len(found.rows) + 1:05d}"
        if place < len(twice):
            _again(found, number, twice[place], lang, chance)
        else:
            _at_home(found, number, homes[place - len(twice)], lang, chance)
    return found


def _is_whole(row: Mapping[str, str], lang: str) -> bool:
    return all(row[name] or (name == "name_kana" and lang == "en") for name in COLUMNS)


def _again(found: Cards, number: str, row: Mapping[str, str], lang: str, chance: Random) -> None:
    shows = chance.choices([way for way, _ in SHOWS], [share for _, share in SHOWS])[0]
    said = {name: row[name] for name in COLUMNS} | {"customer_id": number}
    said["email"] = _mail(row["email"], chance) if shows in ("mail", "both") else ""
    said["phone"] = _phone(row["phone"], chance) if shows in ("phone", "both") else ""
    said["name"] = _name(row["name"], chance)
    said["name_kana"] = _kana(row["name_kana"], chance)
    if shows == "nothing":
        said |= dict(zip(("region", "city"), _moved(row["region"], lang, chance), strict=True))
        said["name"] = row["name"].translate(OTHER_SIGNS)
    found.rows.append(said)
    found.same[number], found.shows[number] = row["customer_id"], shows


def _at_home(found: Cards, number: str, row: Mapping[str, str], lang: str, chance: Random) -> None:
    """Add somebody of the same family and telephone."""
    ja = lang == "ja"
    family, given = row["name"].split()[:: 1 if ja else -1]
    last = next(name for name in FAMILY if family in (name.kanji, name.roman))
    first = chance.choice([name for name in GIVEN if given not in (name.kanji, name.roman)])
    said = {name: row[name] for name in COLUMNS} | {"customer_id": number, "email": ""}
    said["name"] = f"{last.kanji} {first.kanji}" if ja else f"{first.roman} {last.roman}"
    said["name_kana"] = f"{last.kana} {first.kana}" if ja else ""
    said["phone"] = _phone(row["phone"], chance)
    found.rows.append(said)
    found.at_home[number] = row["customer_id"]


def _mail(mail: str, chance: Random) -> str:
    """Write a mail address in other cases, for nobody looks at them."""
    name, _, host = mail.partition("@")
    return chance.choice((mail.upper(), f"{name.title()}@{host}", f"{name}@{host.title()}"))


def _phone(phone: str, chance: Random) -> str:
    digits = "".join(filter(str.isdigit, unicodedata.normalize("NFKC", phone)))
    start, end = (digits if digits.startswith("0") else f"0{digits[2:]}")[:3], digits[-4:]
    plain = f"{start}-0000-{end}"
    wide = "".join(chr(ord(c) + 0xFEE0) for c in plain)
    return chance.choice((plain, plain.replace("-", ""), f"({start})0000-{end}", wide))


def _name(name: str, chance: Random) -> str:
    if name.startswith("株式会社"):
        return f"{chance.choice(FORMS)}{name.removeprefix('株式会社')}"
    if name.isascii():
        return chance.choice((name.upper(), name.replace(" ", "  ")))
    return chance.choice((name.replace(" ", ""), name.replace(" ", "\u3000")))


def _kana(kana: str, chance: Random) -> str:
    plain = unicodedata.normalize("NFKC", kana)
    hiragana = "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in plain)
    return chance.choice((half_width(plain), plain.replace(" ", ""), hiragana))


def _moved(region: str, lang: str, chance: Random) -> tuple[str, str]:
    names = list(_places(lang))
    return chance.choice([place for place in names if place[0] != region])


def _places(lang: str) -> Iterator[tuple[str, str]]:
    for place in PLACES:
        yield (place[0], place[1]) if lang == "ja" else (place[2], place[3])
