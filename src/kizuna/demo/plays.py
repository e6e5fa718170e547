"""What the company does to its customers, and what that truly does: planted, so that it is known.

Each play holds some customers out by chance. `more` is how many orders a play brings about in a
customer while it lasts, on average; below 0, how many she would have placed and does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kizuna.clv.data import FloatArray
from kizuna.demo.behaviour import Orders, People

type Days = NDArray[np.int64]
"""Day of eligibility by customer, shape (n,); below 0: never."""

NEVER: Final = -1
YEAR: Final = 365


@dataclass(frozen=True, slots=True)
class Play:
    """Something that is done to customers; amounts in yen.

    begins, ends : days before the day after the last one, on which customers are eligible from and
        until; an end of None goes on. within : days after eligibility in which its effect falls.
    coupon, valid : what is given away on the first order of so many days.
    deeds : days after eligibility on which something is done.
    word : what may rightly be said of it.
    """

    key: str
    kind: str
    name: Mapping[str, str]
    purpose: Mapping[str, str]
    reason: Mapping[str, str]
    word: str
    begins: int
    ends: int | None
    holdout: float
    horizon_days: int
    more: float = 0.0
    within: tuple[int, int] = (0, 0)
    coupon: int = 0
    valid: int = 0
    cost_per_unit: int = 0
    cost_per_minute: int = 0
    minutes: int = 0
    worth: int | None = None
    deeds: tuple[int, ...] = (0,)

    @property
    def always_on(self) -> bool:
        """Whether it has no planned end."""
        return self.ends is None

    def planned(self, placed: int) -> int:
        """Say for how many it is planned: those of a year, where it has no end."""
        return round(placed * YEAR / self.begins) if self.always_on else placed


CARD: Final = Play(
    key="card",
    kind="task",
    name={"en": "Thank-you card after the second order", "ja": "2回目のご注文後の手書きのお礼状"},
    purpose={
        "en": "A card written by hand, so that a second order becomes a habit.",
        "ja": "手書きのお礼状をお送りし、2回目のご注文を習慣につなげます。",
    },
    reason={"en": "second order", "ja": "2回目のご注文"},
    word="earns",
    begins=455,
    ends=None,
    holdout=0.3,
    horizon_days=28,
    more=0.6,
    within=(2, 27),
    cost_per_unit=90,
    cost_per_minute=25,
    minutes=4,
    worth=500,
)
LETTER: Final = Play(
    key="newsletter",
    kind="mail",
    name={"en": "Newsletter, every week for eight weeks", "ja": "週刊メールマガジン（8週間）"},
    purpose={
        "en": "Tell every customer what is in season.",
        "ja": "すべてのお客様に、季節の花をご紹介します。",
    },
    reason={"en": "customer at the start", "ja": "配信開始時のお客様"},
    word="useless",
    begins=210,
    ends=209,
    holdout=0.5,
    horizon_days=90,
    cost_per_unit=8,
    worth=400,
    deeds=tuple(range(0, 56, 7)),
)
COUPON: Final = Play(
    key="coupon",
    kind="reward",
    name={
        "en": "Coupon of ¥1,000 two weeks after an order",
        "ja": "ご注文2週間後の1,000円クーポン",
    },
    purpose={
        "en": "Bring the next order forward.",
        "ja": "次のご注文を早めていただくためのクーポンです。",
    },
    reason={"en": "two weeks after an order", "ja": "ご注文から2週間"},
    word="harms",
    begins=330,
    ends=120,
    holdout=0.4,
    horizon_days=90,
    more=-0.25,
    within=(30, 89),
    coupon=1_000,
    valid=60,
    cost_per_unit=8,
)
BIRTHDAY: Final = Play(
    key="birthday",
    kind="line",
    name={"en": "Birthday greeting on LINE", "ja": "LINEのお誕生日メッセージ"},
    purpose={
        "en": "Wish customers a happy birthday.",
        "ja": "お客様のお誕生日に、お祝いのメッセージをお送りします。",
    },
    reason={"en": "birthday", "ja": "お誕生日"},
    word="early",
    begins=25,
    ends=None,
    holdout=0.2,
    horizon_days=28,
    more=0.1,
    within=(0, 13),
    cost_per_unit=5,
    worth=300,
)
PLAYS: Final = (CARD, LETTER, COUPON, BIRTHDAY)


def eligible(
    play: Play, people: People, orders: Orders, days: int, rng: np.random.Generator
) -> Days:
    """Give the day on which each customer is the play's, by what she bought of her own accord."""
    first, last = days - play.begins, days - (play.ends or 0)
    found = RULES[play.key](people, orders, first, last, rng)
    return np.where((found >= first) & (found < last), found, NEVER)


def _after_second(
    people: People, orders: Orders, first: int, last: int, rng: np.random.Generator
) -> Days:
    """Give the day after the second order."""
    who, day = _bought(orders)
    found = np.full(len(people.first), NEVER, np.int64)
    rank = _ranks(who)
    second = rank == 1
    found[who[second]] = np.floor(day[second]).astype(np.int64) + 1
    return found


def _at_start(
    people: People, orders: Orders, first: int, last: int, rng: np.random.Generator
) -> Days:
    """Give the first day to whoever was a customer then."""
    return np.where(people.first < first, first, NEVER).astype(np.int64)


def _two_weeks_after(
    people: People, orders: Orders, first: int, last: int, rng: np.random.Generator
) -> Days:
    """Give the day two weeks after the first order that is so long ago within the days."""
    who, day = _bought(orders)
    at = np.floor(day).astype(np.int64) + 14
    within = (at >= first) & (at < last)
    found = np.full(len(people.first), np.iinfo(np.int64).max)
    np.minimum.at(found, who[within], at[within])
    return np.where(found < last, found, NEVER)


def _birthday(
    people: People, orders: Orders, first: int, last: int, rng: np.random.Generator
) -> Days:
    """Give a birthday to whoever is a customer already."""
    day = first + rng.integers(0, YEAR, len(people.first))
    return np.where(people.first < day, day, NEVER)


type Rule = Callable[[People, Orders, int, int, np.random.Generator], Days]
RULES: Final[Mapping[str, Rule]] = {
    "card": _after_second,
    "newsletter": _at_start,
    "coupon": _two_weeks_after,
    "birthday": _birthday,
}


def _bought(orders: Orders) -> tuple[NDArray[np.int64], FloatArray]:
    """Give who ordered and when, in the order of time."""
    real = orders.value > 0
    return orders.customer[real], orders.day[real]


def _ranks(who: NDArray[np.int64]) -> NDArray[np.int64]:
    """Say of each order which of its customer's it is, from 0."""
    by_customer = np.argsort(who, kind="stable")
    ordered = who[by_customer]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    rank = np.arange(len(who)) - np.repeat(starts, np.diff(np.append(starts, len(who))))
    found = np.empty(len(who), np.int64)
    found[by_customer] = rank
    return found
