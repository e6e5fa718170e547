"""The yearly survey of the simulated company: whom its last waves asked, whom not, who answered.

Earlier waves were another tool's, and only their answers are left. A wave asks everyone who has
bought by then; chance holds some out, and without a mail address, or a yes to being written to,
nobody is reached. Who has left does not answer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

import numpy as np

from kizuna.demo.past import Past
from kizuna.demo.people import customer_id
from kizuna.demo.plays import PLAYS
from kizuna.experiments.assignment import CONTROL, Design

NAME: Final = {"en": "Relationship survey (NPS)", "ja": "お客様アンケート（NPS）"}
HOLDOUT, HALF_YEAR, WAVES, LAST_WAVE = 0.1, 180, 2, 32
"""Days from one wave to the next, waves that the application knows, days of the last one ago."""
OPEN_DAYS, EVERY, ASKED_AT = 75, 6, time(10)
HELD_OUT, NOT_REACHED = "held_out", "gate"


@dataclass(slots=True)
class Wave:
    """A wave: the day on which it asked, customer → why not (empty: asked), and the answers."""

    day: date
    asked: dict[str, str] = field(default_factory=dict)
    answers: list[dict[str, Any]] = field(default_factory=list)

    def truth(self) -> dict[str, Any]:
        """Count who was asked, who was not and why, and who answered."""
        why = Counter(self.asked.values())
        scores = [answer["score"] for answer in self.answers]
        return {
            "asked": why.pop("", 0),
            "not_asked": dict(sorted(why.items())),
            "answered": len(scores),
            "promoters": sum(score >= 9 for score in scores),
            "detractors": sum(score <= 6 for score in scores),
        }


@dataclass(frozen=True, slots=True)
class Panel:
    """The waves that the application knows, by their number counted back from the last one, 0."""

    design: Design
    lang: str
    timezone: str
    waves: dict[int, Wave] = field(default_factory=dict)

    @classmethod
    def draw(
        cls,
        past: Past,
        listed: Sequence[Mapping[str, str]],
        refused: Mapping[str, datetime],
        seed: int,
    ) -> Self:
        """Say whom each wave asked; `refused` is since when somebody wants nothing at all."""
        design = Design(str(len(PLAYS) + 1), f"hana-survey-{seed}", HOLDOUT)
        found = cls(design, past.lang, past.timezone)
        for back in range(WAVES):
            days = LAST_WAVE - 1 + back * HALF_YEAR
            known = past.people.first < past.days - days - 1
            wave = found.waves[back] = Wave(past.as_of - timedelta(days=days))
            for number in np.flatnonzero(known).tolist():
                row = listed[number]
                wave.asked[row["customer_id"]] = found._why_not(wave, row, refused)
        return found

    def _why_not(self, wave: Wave, row: Mapping[str, str], refused: Mapping[str, datetime]) -> str:
        who = row["customer_id"]
        if self.design.place(who).arm == CONTROL:
            return HELD_OUT
        ended = who in refused and refused[who] <= self.at(wave)
        return NOT_REACHED if ended or not row["email"] else ""

    def at(self, wave: Wave) -> datetime:
        """Give the moment at which a wave asked."""
        return datetime.combine(wave.day, ASKED_AT, ZoneInfo(self.timezone))

    def asks(self, back: int, number: int) -> bool:
        """Whether a wave asked a customer."""
        return self.waves[back].asked.get(customer_id(number)) == ""

    def truth(self) -> list[dict[str, Any]]:
        """Count who was asked and who answered, wave by wave."""
        return [wave.truth() for _back, wave in sorted(self.waves.items(), reverse=True)]

    def write(self, path: Path) -> None:
        """Write the survey down, with its arms, the first wave first."""
        told = {
            "name": NAME[self.lang],
            "experiment_id": self.design.experiment,
            "salt": self.design.salt,
            "holdout": self.design.holdout,
            "every": EVERY,
            "open_days": OPEN_DAYS,
            "next_on": (self.waves[0].day + timedelta(days=HALF_YEAR)).isoformat(),
            "waves": [
                {
                    "opened_at": self.at(wave).isoformat(),
                    "asked": list(wave.asked.items()),
                    "answers": [
                        [row["customer_id"], row["answered_at"], row["score"], row["comment"]]
                        for row in wave.answers
                    ],
                }
                for _back, wave in sorted(self.waves.items(), reverse=True)
            ],
        }
        path.write_text(json.dumps(told, ensure_ascii=False) + "\n", "utf-8")
