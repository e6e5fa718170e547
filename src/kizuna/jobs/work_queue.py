"""The order of somebody's work: what is at stake, how soon it is decided, how long it takes.

Worth of a minute = value at stake × urgency ÷ minutes. Whoever does first what is worth most a
minute has, at the end of any day, secured most. What has to be done (a notice, a promise) is not
weighed against money: it comes first once it is about to be late.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from statistics import median

from kizuna.pipeline.business_days import after, between

HALF_DAYS = 5
"""Business days after which what is to be done presses half as much."""
LATER_BY = 0.1
"""By how much more it presses with each business day that it is late."""
MOST_URGENT = 2.0
AT_HAND = 1
"""Business days within which what has to be done goes before everything."""
WITHOUT_STAKE = 1.0
FURTHEST = 250
"""Business days beyond which no day is told apart."""


@dataclass(frozen=True, slots=True)
class Work:
    """Something to do; `stake` is in minor units, None where it is not known."""

    key: int
    due_on: date
    minutes: int
    stake: float | None
    must: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the queue, and why.

    Attributes
    ----------
    rank : from 1.
    days_left : business days until it is due; below 0 where it is late.
    a_minute : value at stake × urgency ÷ minutes; of an unknown stake, the usual one.
    first : whether it goes first because it has to be done, and soon.
    filled : minutes of the day's work up to and including this.
    planned_on : day on which its turn comes; None where the person has no time at all.
    too_late : whether that day lies after the day on which it is due.

    """

    work: Work
    rank: int
    days_left: int
    urgency: float
    stake: float
    is_stake_known: bool
    a_minute: float
    first: bool
    filled: int
    planned_on: date | None
    too_late: bool


def urgency(days_left: int) -> float:
    """Give how much something presses: 1 on the day it is due, half 5 business days before."""
    if days_left >= 0:
        return HALF_DAYS / (HALF_DAYS + days_left)
    return min(1.0 - LATER_BY * days_left, MOST_URGENT)


def in_order(
    works: Sequence[Work], *, today: date, minutes_a_day: int, closed: Set[date]
) -> list[Place]:
    """Order the work of one person, and say on which day each one's turn comes.

    What takes longer than what is left of a day fills the next days too.
    """
    usual = median(known) if (known := [w.stake for w in works if w.stake is not None]) else None
    unknown = WITHOUT_STAKE if usual is None else usual
    weighed = [_weighed(work, unknown, today, closed) for work in works]
    weighed.sort(key=lambda w: (not w[2], -w[3], w[0].due_on, w[0].key))
    places, used = [], 0
    for rank, (work, left, first, a_minute, stake) in enumerate(weighed, 1):
        used += work.minutes
        turn = _turn(used, today, minutes_a_day, closed)
        places.append(
            Place(
                work=work,
                rank=rank,
                days_left=left,
                urgency=urgency(left),
                stake=stake,
                is_stake_known=work.stake is not None,
                a_minute=a_minute,
                first=first,
                filled=used,
                planned_on=turn,
                too_late=turn is None or turn > max(work.due_on, after(today, 0, closed)),
            )
        )
    return places


def _weighed(
    work: Work, unknown: float, today: date, closed: Set[date]
) -> tuple[Work, int, bool, float, float]:
    left = between(today, work.due_on, closed)
    stake = unknown if work.stake is None else work.stake
    a_minute = stake * urgency(left) / max(work.minutes, 1)
    return work, left, work.must and left <= AT_HAND, a_minute, stake


def _turn(used: int, today: date, minutes_a_day: int, closed: Set[date]) -> date | None:
    """Give the business day on which so many minutes of work are done."""
    if minutes_a_day <= 0:
        return None
    first = after(today, 0, closed)
    return after(first, min(max(used - 1, 0) // minutes_a_day, FURTHEST), closed)
