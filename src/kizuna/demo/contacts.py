"""Contacts with the service of the simulated company, and what customers answer when asked.

Most who write or call do so once. Some have to come again and again, wait, and are passed on: who
they are is planted, so that whatever looks for effort can be held against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from kizuna.demo.people import customer_id

DAYS = 180
"""Days up to the last one of which contacts and answers are told."""
ASKING, ASKING_FIRMS, HARD, ANSWERS, ASKED = 0.12, 0.4, 0.02, 0.5, 0.12
OPENS, CLOSES = 9, 19
CHANNELS = (("mail", 4), ("phone", 3), ("chat", 2), ("line", 3))
AGENTS = (("小川 綾", "Aya Ogawa"), ("上田 仁", "Jin Ueda"), ("久保 文", "Fumi Kubo"))
TOPICS = (
    (
        "Delivery is late",
        "配送の遅れについて",
        "My flowers have not arrived.",
        "花がまだ届きません。",
    ),
    (
        "Wilted flowers",
        "花の鮮度について",
        "They wilted the next day.",
        "翌日には萎れてしまいました。",
    ),
    ("Question about a bill", "請求について", "I was billed twice.", "二重に請求されています。"),
    (
        "Change of delivery day",
        "配送日の変更",
        "Please deliver a day later.",
        "配送日を一日後にしてください。",
    ),
    ("Thanks", "お礼", "The flowers were lovely.", "とても素敵なお花でした。"),
)
REPLY = (
    "Thank you for telling us; we look into it.",
    "ご連絡ありがとうございます。確認いたします。",
)
COMMENTS = {
    "good": ("Lovely flowers, always.", "いつも素敵なお花をありがとうございます。"),
    "bad": ("I had to ask again and again.", "何度も問い合わせが必要でした。"),
}


@dataclass(slots=True)
class Contacts:
    """Contacts and answers, one row each under the names of the standard tables."""

    interactions: list[dict[str, Any]] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)
    hard: dict[str, str] = field(default_factory=dict)
    """Case → customer, of the cases that were planted as hard."""

    def truth(self) -> dict[str, Any]:
        """Sum up what was drawn, and name who had to go to great lengths."""
        cases = Counter(row["case_id"] for row in self.interactions)
        return {
            "contacts": len(self.interactions),
            "by_channel": dict(Counter(row["channel"] for row in self.interactions)),
            "cases": len(cases),
            "repeated": sum(many > 2 for many in cases.values()),
            "transfers": sum(row["transfers"] for row in self.interactions),
            "high_effort": self.hard,
        }

    def answers(self) -> dict[str, Any]:
        """Sum up the answers by kind, and the score of promoters less detractors."""
        scores: dict[str, list[int]] = {}
        for row in self.responses:
            scores.setdefault(row["kind"], []).append(row["score"])
        nps = scores.get("nps", [])
        promoters, detractors = sum(s >= 9 for s in nps), sum(s <= 6 for s in nps)
        return {
            "answers": {kind: len(found) for kind, found in scores.items()},
            "means": {kind: sum(found) / len(found) for kind, found in scores.items()},
            "promoters": promoters,
            "detractors": detractors,
            "nps": 100 * (promoters - detractors) / len(nps) if nps else None,
        }


@dataclass(slots=True)
class Service:
    """Draws cases one after the other."""

    lang: str
    until: datetime
    chance: Random
    found: Contacts = field(default_factory=Contacts)
    cases: int = 0

    def draw(self, alive: Sequence[int], firms: Iterable[int]) -> Contacts:
        """Draw the cases of customers, and their answers."""
        of_firms = frozenset(firms)
        for number in alive:
            asking = ASKING_FIRMS if number in of_firms else ASKING
            hard = self.chance.random() < HARD
            if hard or self.chance.random() < asking:
                self._case(number, hard)
            if self.chance.random() < ASKED:
                self._answer(number, None, "nps", hard, self._before(1))
        self.found.interactions.sort(key=lambda row: (row["happened_at"], row["interaction_id"]))
        self.found.responses.sort(key=lambda row: (row["answered_at"], row["response_id"]))
        return self.found

    def _case(self, customer: int, hard: bool) -> None:
        """Draw a case: asked and answered, or where it is hard, over and over."""
        self.cases += 1
        chance, case = self.chance, f"K{self.cases:05d}"
        rounds, at = chance.randint(3, 5) if hard else 1, self._before(20)
        topic = chance.choice(TOPICS[:3] if hard else TOPICS)
        for turn in range(rounds):
            channel = chance.choices([c for c, _ in CHANNELS], [w for _, w in CHANNELS])[0]
            said: dict[str, Any] = {"customer": customer, "case": case, "channel": channel}
            last = turn == rounds - 1
            at = self._asked(said, at, topic, hard)
            at = self._replied(said, at, topic, "resolved" if last else "open")
        if hard:
            self.found.hard[case] = customer_id(customer)
        for kind in ("csat", "ces"):
            if chance.random() < ANSWERS:
                self._answer(customer, case, kind, hard, at + timedelta(hours=2))

    def _asked(
        self, said: dict[str, Any], at: datetime, topic: Sequence[str], hard: bool
    ) -> datetime:
        chance, live = self.chance, said["channel"] in ("phone", "chat")
        waits = float(chance.randint(420, 2400) if hard else chance.randint(5, 240))
        self._contact(
            said,
            at,
            "in",
            topic,
            topic[2 + self._ja],
            wait_seconds=waits if live else None,
            minutes=float(chance.randint(4, 25)) if live else None,
            transfers=chance.randint(1, 3) if hard else 0,
            outcome=None,
        )
        return _open(at + timedelta(minutes=chance.randint(20, 300) if not live else 15))

    def _replied(
        self, said: dict[str, Any], at: datetime, topic: Sequence[str], outcome: str
    ) -> datetime:
        self._contact(
            said,
            at,
            "out",
            topic,
            REPLY[self._ja],
            wait_seconds=None,
            minutes=None,
            transfers=0,
            outcome=outcome,
        )
        pause = timedelta(days=self.chance.randint(1, 2), minutes=self.chance.randint(0, 300))
        return _open(at + pause)

    def _contact(
        self,
        said: dict[str, Any],
        at: datetime,
        direction: str,
        topic: Sequence[str],
        text: str,
        **more: Any,
    ) -> None:
        self.found.interactions.append(
            {
                "interaction_id": f"I{len(self.found.interactions) + 1:06d}",
                "customer_id": customer_id(said["customer"]),
                "happened_at": at.isoformat(timespec="seconds"),
                "channel": said["channel"],
                "direction": direction,
                "case_id": said["case"],
                "agent": self.chance.choice(AGENTS)[not self._ja],
                "subject": topic[self._ja],
                "text": text,
                **more,
            }
        )

    def _answer(self, customer: int, case: str | None, kind: str, hard: bool, at: datetime) -> None:
        low, high = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}[kind]
        liked = self.chance.betavariate(2, 4) if hard else self.chance.betavariate(6, 1.6)
        score = low + round(liked * (high - low))
        mood = "bad" if hard else "good"
        self.found.responses.append(
            {
                "response_id": f"S{len(self.found.responses) + 1:06d}",
                "customer_id": customer_id(customer),
                "answered_at": at.isoformat(timespec="seconds"),
                "survey": ("Relationship", "年間調査")[self._ja]
                if kind == "nps"
                else ("After contact", "対応後調査")[self._ja],
                "kind": kind,
                "score": score,
                "scale_low": low,
                "scale_high": high,
                "comment": COMMENTS[mood][self._ja] if self.chance.random() < 0.4 else "",
                "case_id": case or "",
            }
        )

    def _before(self, days: int) -> datetime:
        """Give a moment of business hours at least so many days before the end."""
        day = self.until - timedelta(days=self.chance.randint(days, DAYS - 1))
        return day + timedelta(hours=self.chance.randint(9, 17), minutes=self.chance.randint(0, 59))

    @property
    def _ja(self) -> bool:
        return self.lang == "ja"


def _open(at: datetime) -> datetime:
    """Put off to the next morning what would fall outside the hours of the service."""
    if OPENS <= at.hour < CLOSES:
        return at
    day = at if at.hour < OPENS else at + timedelta(days=1)
    return day.replace(hour=OPENS, minute=at.minute)
