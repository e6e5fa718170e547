"""What the simulated customers said to being written to, as the web shop would tell a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

COMPANIES: Final = ("company", "法人")
ASKED, YES = 0.7, 0.75
"""Shares of the persons whom the web shop asked at their first order, and of those the yeses."""
ENDED, BACK, ALL_ENDED = 0.18, 0.15, 0.03
"""Shares of the yeses withdrawn, of these given again; of the customers who refuse everything."""
CARD = 0.5
"""Share of the companies that handed over a business card with their address."""
NEWS: Final = {"purpose": "news", "channel": "email"}
CHECKOUT, MAIL_LINK = "https://hana.example/checkout", "https://hana.example/mail"
NOTES: Final = {
    "card": ("Business card handed over at the store", "店頭でいただいた名刺"),
    "all": (
        "Asked on the telephone not to be written to",
        "お電話で一切の案内を希望されないとのこと",
    ),
}


@dataclass(slots=True)
class Consents:
    """What was said, in the order of time; `may` are those who may be sent news at the end."""

    words: list[dict[str, Any]] = field(default_factory=list)
    may: list[str] = field(default_factory=list)

    @property
    def refused(self) -> dict[str, datetime]:
        """Since when those who want to be written to by nobody, whatever it is about, do."""
        return {
            word["customer_id"]: datetime.fromisoformat(word["decided_at"])
            for word in self.words
            if word["status"] == "denied" and "purpose" not in word
        }

    def truth(self) -> dict[str, Any]:
        """Count what was said, and name who may be sent news by mail."""
        status = Counter(word["status"] for word in self.words)
        basis = Counter(word.get("basis", "consent") for word in self.words)
        counts = {"words": len(self.words), "by_status": dict(sorted(status.items()))}
        return {**counts, "by_basis": dict(sorted(basis.items())), "may_get_news": self.may}


@dataclass(frozen=True, slots=True)
class Asking:
    """Draws what customers said until the last day that is told of."""

    as_of: date
    timezone: str
    lang: str
    chance: Random

    def draw(self, listed: Sequence[Mapping[str, str]]) -> Consents:
        """Draw what each customer with a mail address said."""
        found = Consents()
        for row in listed:
            said = [word for word in self._said(row) if row["email"]]
            words = sorted(said, key=lambda word: word["decided_at"])
            found.words += words
            if words and words[-1]["status"] == "granted":
                found.may.append(row["customer_id"])
        found.words.sort(key=lambda word: (word["decided_at"], word["customer_id"]))
        return found

    def _said(self, row: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Give the words of one customer."""
        on = datetime.strptime(row["acquired_on"], "%Y/%m/%d").date()
        if row["kind"] in COMPANIES:
            yield from self._of_company(row["customer_id"], on)
        elif self.chance.random() < ASKED:
            yield from self._of_person(row["customer_id"], on)
        if self.chance.random() < ALL_ENDED and (later := self._later(on)):
            note = {"note": NOTES["all"][self.lang == "ja"]}
            yield self._word(row["customer_id"], later, "denied", {}, note)

    def _of_company(self, who: str, on: date) -> Iterator[dict[str, Any]]:
        if self.chance.random() < CARD:
            said = {"basis": "card", "note": NOTES["card"][self.lang == "ja"]}
            yield self._word(who, on, "granted", NEWS, said)

    def _of_person(self, who: str, on: date) -> Iterator[dict[str, Any]]:
        if self.chance.random() >= YES:
            yield self._word(who, on, "denied", NEWS, {"page": CHECKOUT})
            return
        yield self._word(who, on, "granted", NEWS, {"page": CHECKOUT})
        if self.chance.random() < ENDED and (later := self._later(on)):
            yield self._word(who, later, "withdrawn", NEWS, {"page": MAIL_LINK})
            if self.chance.random() < BACK and (again := self._later(later)):
                yield self._word(who, again, "granted", NEWS, {"page": CHECKOUT})

    def _later(self, day: date) -> date | None:
        """Draw a day after this one; None where none is left."""
        left = (self.as_of - day).days
        return day + timedelta(days=self.chance.randint(1, left)) if left > 0 else None

    def _word(
        self, who: str, day: date, status: str, of: Mapping[str, str], how: Mapping[str, str]
    ) -> dict[str, Any]:
        clock = time(self.chance.randint(8, 21), self.chance.randint(0, 59))
        at = datetime.combine(day, clock, ZoneInfo(self.timezone))
        said = {"customer_id": who, "status": status, "decided_at": at.isoformat()}
        return {**said, **of, **how}
