"""Contacts with the service of the simulated company, and what customers answer when asked.

Most who write or call do so once; now and then something is left open, or they are passed on. Some
look for help in vain first, have to come again and again on one channel after the other, say the
same again, wait, and are passed on: who they are is planted, so that whatever looks for effort can
be held against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from kizuna.demo.costs import service_truth
from kizuna.demo.people import customer_id
from kizuna.demo.survey import HALF_YEAR, LAST_WAVE, NAME, Panel

ASKING, ASKING_FIRMS, HARD, ANSWERS, REPLIES = 0.2, 0.5, 0.02, 0.5, 0.18
"""Shares in half a year of those who turn to the service; of those asked, who answer."""
AGAIN, PASSED_ON, HELP, HELP_HARD, REOPENED, RESENTS = 0.06, 0.05, 0.1, 0.6, 0.4, 120
"""Of plain cases: those who come once more, or are passed on. Of plain and of hard ones: those who
looked for help alone before. Of the rounds of a hard case: those after it was said to be solved.
Days in which a hard case is remembered in the survey."""
WAVES, WAVE_DAYS, SAYS = 4, 12, 0.4
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
ADVICE = (
    "Advice on which flowers",
    "お花選びのご相談",
    "Which flowers suit the occasion, in which size?",
    "用途に合うお花と大きさを教えてください。",
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
    """Answers that came in by the other tool; those to the application are the panel's."""
    hard: dict[str, str] = field(default_factory=dict)
    """Case → customer, of the cases that were planted as hard."""
    looked_up: list[tuple[int, datetime]] = field(default_factory=list)
    """Who looked for help alone, and when."""

    def truth(self) -> dict[str, Any]:
        """Sum up what was drawn, and name who had to go to great lengths."""
        cases = Counter(row["case_id"] for row in self.interactions)
        return {
            "contacts": len(self.interactions),
            "by_channel": dict(Counter(row["channel"] for row in self.interactions)),
            "cases": len(cases),
            "repeated": sum(many > 2 for many in cases.values()),
            "looked_up": len(self.looked_up),
            "transfers": sum(row["transfers"] for row in self.interactions),
            "high_effort": self.hard,
            "cost": service_truth(self.interactions),
        }

    def answers(self, panel: Panel) -> dict[str, Any]:
        """Sum up the answers by kind, and the score of promoters less detractors."""
        scores: dict[str, list[int]] = {}
        told = [row for wave in panel.waves.values() for row in wave.answers]
        for row in [*self.responses, *told]:
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


@dataclass(frozen=True, slots=True)
class Served:
    """Who may turn to the service between two days, the days from which a case goes badly.

    asks_on : days on which she asks for advice, before an order.
    """

    number: int
    since: date
    until: date
    company: bool
    hard_on: tuple[date, ...] = ()
    asks_on: tuple[date, ...] = ()


@dataclass(slots=True)
class Service:
    """Draws cases one after the other; `end` is when all that is told is over."""

    lang: str
    end: datetime
    chance: Random
    panel: Panel
    found: Contacts = field(default_factory=Contacts)
    cases: int = 0
    answers: int = 0

    def draw(self, served: Sequence[Served]) -> Contacts:
        """Draw the cases of customers, and their answers."""
        for one in served:
            hard = [*one.hard_on]
            if not hard:
                hard += self._days(one, HARD)
            for day in hard:
                self._case(one.number, self._moment(day), True)
            for day in self._days(one, ASKING_FIRMS if one.company else ASKING):
                self._case(one.number, self._moment(day), False)
            for day in one.asks_on:
                self._case(one.number, self._moment(day), False, ADVICE)
            self._surveys(one, hard)
        self.found.interactions.sort(key=lambda row: (row["happened_at"], row["interaction_id"]))
        for rows in (self.found.responses, *(w.answers for w in self.panel.waves.values())):
            rows.sort(key=lambda row: (row["answered_at"], row["response_id"]))
        return self.found

    def _days(self, one: Served, share: float) -> list[date]:
        """Draw the days on which a customer turns to the service: `share` in half a year."""
        days, at = list[date](), 0.0
        while True:
            at += self.chance.expovariate(share / HALF_YEAR)
            if at > (one.until - one.since).days:
                return days
            days.append(one.since + timedelta(days=int(at)))

    def _surveys(self, one: Served, hard: Sequence[date]) -> None:
        """Draw what is answered to the waves of the yearly survey."""
        for wave in range(WAVES):
            later = 1 + self.chance.randrange(WAVE_DAYS)
            day = self.end.date() - timedelta(days=LAST_WAVE + wave * HALF_YEAR - later)
            known = self.panel.waves.get(wave)
            asked = self.panel.asks(wave, one.number) if known else True
            if asked and one.since <= day <= one.until and self.chance.random() < REPLIES:
                resents = any(0 <= (day - bad).days < RESENTS for bad in hard)
                into = known.answers if known else self.found.responses
                into.append(self._answer(one.number, None, "nps", resents, self._moment(day)))

    def _case(
        self, customer: int, at: datetime, hard: bool, about: Sequence[str] | None = None
    ) -> None:
        """Draw a case: asked and answered, or where it is hard, over and over."""
        self.cases += 1
        chance, case = self.chance, f"K{self.cases:05d}"
        self._looks_up(customer, at, hard)
        rounds = chance.randint(3, 5) if hard else 1 + (chance.random() < AGAIN)
        topic = about or chance.choice(TOPICS[:3] if hard else TOPICS)
        for turn in range(rounds):
            channel = chance.choices([c for c, _ in CHANNELS], [w for _, w in CHANNELS])[0]
            said: dict[str, Any] = {"customer": customer, "case": case, "channel": channel}
            solved = turn == rounds - 1 or not hard or chance.random() < REOPENED
            at = self._asked(said, at, topic, hard)
            at = self._replied(said, at, topic, "resolved" if solved else "open")
        if hard:
            self.found.hard[case] = customer_id(customer)
        for kind in ("csat", "ces"):
            if chance.random() < ANSWERS:
                answer = self._answer(customer, case, kind, hard, at + timedelta(hours=2))
                if at + timedelta(hours=2) < self.end:
                    self.found.responses.append(answer)

    def _looks_up(self, customer: int, at: datetime, hard: bool) -> None:
        """Let a customer look for help alone, some hours before."""
        if self.chance.random() < (HELP_HARD if hard else HELP):
            before = at - timedelta(minutes=self.chance.randint(10, 200))
            self.found.looked_up.append((customer, before))

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
            transfers=chance.randint(1, 3) if hard else int(chance.random() < PASSED_ON),
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
        if at >= self.end:
            return
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

    def _answer(
        self, customer: int, case: str | None, kind: str, hard: bool, at: datetime
    ) -> dict[str, Any]:
        low, high = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}[kind]
        liked = self.chance.betavariate(2, 4) if hard else self.chance.betavariate(6, 1.6)
        self.answers += 1
        return {
            "response_id": f"S{self.answers:06d}",
            "customer_id": customer_id(customer),
            "answered_at": at.isoformat(timespec="seconds"),
            "survey": NAME[self.lang]
            if kind == "nps"
            else ("After contact", "対応後調査")[self._ja],
            "kind": kind,
            "score": min(high, low + int(liked * (high - low + 1))),
            "scale_low": low,
            "scale_high": high,
            "comment": COMMENTS["bad" if hard else "good"][self._ja]
            if self.chance.random() < SAYS
            else "",
            "case_id": case or "",
        }

    def _moment(self, day: date) -> datetime:
        """Give a moment of business hours of a day."""
        at = time(self.chance.randint(OPENS, CLOSES - 2), self.chance.randint(0, 59))
        return datetime.combine(day, at, self.end.tzinfo)

    @property
    def _ja(self) -> bool:
        return self.lang == "ja"


def _open(at: datetime) -> datetime:
    """Put off to the next morning what would fall outside the hours of the service."""
    if OPENS <= at.hour < CLOSES:
        return at
    day = at if at.hour < OPENS else at + timedelta(days=1)
    return day.replace(hour=OPENS, minute=at.minute)
