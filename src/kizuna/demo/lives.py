"""What moves a customer to end a subscription: use that cools, hard cases, payments that fail.

Each of these comes and goes by months of the calendar, drawn apart for each customer. Whether a
subscription is ended is decided in a month, from the months before it; so the truth of who will
leave is known exactly on the last day of a month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise, product
from math import exp, log
from random import Random

import numpy as np

from kizuna.clv.data import FloatArray
from kizuna.demo.plans import Plan


@dataclass(frozen=True, slots=True)
class Drivers:
    """Chances by month, and what each driver adds to the log-odds of ending.

    cooling, warming : of a company, that its people begin and cease to use it little.
    hard, failing : that a case goes badly, and that a payment fails.
    """

    cooling: float = 0.05
    warming: float = 0.12
    hard: float = 0.03
    failing: float = 0.06
    use: float = 2.4
    effort: float = 2.6
    payment: float = 2.6


DRIVERS = Drivers()
STATES = tuple(product((0, 1), repeat=5))
"""Cooled this month; a hard case this month, the month before; a failed payment likewise."""


@dataclass(frozen=True, slots=True)
class Life:
    """What each month since the first subscription brought; month 0 is the first."""

    cool: tuple[bool, ...]
    hard: tuple[bool, ...]
    failed: tuple[bool, ...]

    @classmethod
    def draw(cls, months: int, *, company: bool, chance: Random) -> Life:
        """Draw the months up to the last one that is known."""
        cool, hard, failed = list[bool](), list[bool](), list[bool]()
        now = False
        for _ in range(months + 1):
            turns = chance.random() < (DRIVERS.warming if now else DRIVERS.cooling)
            now = company and (now != turns)
            cool.append(now)
            hard.append(chance.random() < DRIVERS.hard)
            failed.append(chance.random() < DRIVERS.failing)
        return cls(tuple(cool), tuple(hard), tuple(failed))

    def seen(self, month: int, since: int) -> tuple[int, ...]:
        """Give the state at the end of a month; only whole months of the contract count."""
        last, before = month > since, month - 1 > since
        return (
            int(last and self.cool[month]),
            int(last and self.hard[month]),
            int(before and self.hard[month - 1]),
            int(last and self.failed[month]),
            int(before and self.failed[month - 1]),
        )


def month_of(day: date, first: date) -> int:
    """Count months of the calendar since that of `first`."""
    return (day.year - first.year) * 12 + day.month - first.month


def risk(plan: Plan, state: tuple[int, ...]) -> float:
    """Give the probability that a subscription is ended, from the state of the month before."""
    cool, hard, hard_before, failed, failed_before = state
    odds = log(plan.leaving / (1 - plan.leaving))
    odds += DRIVERS.use * cool + DRIVERS.effort * (hard or hard_before)
    odds += DRIVERS.payment * (bills(plan) and (failed or failed_before))
    return 1 / (1 + exp(-odds))


def bills(plan: Plan) -> bool:
    """Whether a plan is billed each month; only then can payments fail."""
    return plan.billing_months == 1


def named(state: tuple[int, ...], plan: Plan) -> list[str]:
    """Name the drivers that are at work."""
    cool, hard, hard_before, failed, failed_before = state
    found = {
        "use": cool,
        "effort": hard or hard_before,
        "payment": bills(plan) and (failed or failed_before),
    }
    return [name for name, there in found.items() if there]


def chance_to_stay(
    plan: Plan, state: tuple[int, ...], months: list[int], *, company: bool
) -> float:
    """Give the probability of passing each decision; `months` count from the known one, 1 is next.

    What the months to come will bring is summed over, month by month: exact, nothing is drawn.
    """
    left = np.array([float(one == state) for one in STATES])
    stays = np.array([1 - risk(plan, one) for one in STATES])
    step = _step(company)
    for before, month in pairwise([1, *months]):
        for _ in range(month - before):
            left = left @ step
        left = left * stays
    return float(left.sum())


def _step(company: bool) -> FloatArray:
    """Give the chances of going from each state to each in a month."""
    found = np.zeros((len(STATES), len(STATES)))
    for i, (cool, hard, _, failed, _) in enumerate(STATES):
        for j, (to_cool, to_hard, had, to_failed, had_failed) in enumerate(STATES):
            if (had, had_failed) == (hard, failed):
                found[i, j] = (
                    _turned(cool, to_cool, company)
                    * _happens(DRIVERS.hard, to_hard)
                    * _happens(DRIVERS.failing, to_failed)
                )
    return found


def _turned(now: int, then: int, company: bool) -> float:
    if now:
        return _happens(1 - DRIVERS.warming, then)
    return _happens(DRIVERS.cooling if company else 0.0, then)


def _happens(share: float, there: int) -> float:
    return share if there else 1 - share
