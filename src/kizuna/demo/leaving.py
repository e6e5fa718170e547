"""The truth of who will end a subscription, and why: what only a simulation can know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import count
from math import exp
from typing import Any

from kizuna.demo.behaviour import People
from kizuna.demo.lives import DRIVERS, chance_to_stay, month_of, named
from kizuna.demo.people import customer_id
from kizuna.demo.plans import LIGHT
from kizuna.demo.subscriptions import (
    LOYAL_DAYS,
    RASH,
    SWITCHES,
    Contract,
    Subscriptions,
    state_before,
)

HORIZON_DAYS = 90


def leaving_truth(
    drawn: Subscriptions, people: People, firms: frozenset[int], day: date
) -> dict[str, Any]:
    """Give each customer's probability of having no contract within the horizon, if none is signed.

    Of those with one contract that runs; who has given notice by `day` is named apart. Of those
    whom their term holds for longer, `at_renewal` is the probability of ending it when it is over.
    """
    now = Now(drawn, people, firms, day)
    alone = [made for made in _alone(now) if not now.noticed(made)]
    return {
        "horizon_days": HORIZON_DAYS,
        "coefficients": {name: asdict(DRIVERS)[name] for name in ("use", "effort", "payment")},
        "probability": {customer_id(made.customer): probability(now, made) for made in alone},
        "at_renewal": {
            customer_id(made.customer): 1 - _stays(now, made, next_end(made, day))
            for made in alone
            if made.plan.term and not _open(made, day)[1]
        },
        "drivers": dict(_drivers(now, alone)),
        "noticed": sorted(customer_id(m.customer) for m in _alone(now) if now.noticed(m)),
    }


@dataclass(frozen=True, slots=True, eq=False)
class Now:
    """The company on a day, the last of a month."""

    drawn: Subscriptions
    people: People
    firms: frozenset[int]
    day: date

    def noticed(self, made: Contract) -> bool:
        """Whether notice was given by this day."""
        return made.cancelled_on is not None and made.cancelled_on <= self.day

    def state(self, made: Contract) -> tuple[int, ...]:
        """Give the state at the end of this day."""
        return state_before(self.drawn, made, self.day + timedelta(days=1))

    def first(self, customer: int) -> date:
        """Day on which a customer first subscribed."""
        return min(m.started_on for m in self.drawn.contracts if m.customer == customer)


def probability(now: Now, made: Contract) -> float:
    """Probability that a contract is ended within the horizon, and not for another plan."""
    return 1 - _stays(now, made, _open(made, now.day))


type Ends = tuple[date, list[date]]
"""The last end that was decided, and those to come that are asked for."""


def _stays(now: Now, made: Contract, ends: Ends) -> float:
    return _leaver_stays(now, made, ends) * _wants(now, made, ends)


def next_end(made: Contract, day: date) -> Ends:
    """Give the last end that was decided, and the next one that is not."""
    decided = made.started_on
    for number in count(1):
        last = made.period_ends(number)
        if made.decided_on(last) > day:
            return decided, [last]
        decided = last
    raise AssertionError(made)


def _alone(now: Now) -> list[Contract]:
    """Give the running contracts of customers who have one alone."""
    running = [made for made in now.drawn.contracts if made.runs_on(now.day)]
    many = Counter(made.customer for made in running)
    return [made for made in running if many[made.customer] == 1]


def _drivers(now: Now, alone: list[Contract]) -> Iterator[tuple[str, list[str]]]:
    for made in alone:
        at_work = named(now.state(made), made.plan)
        if at_work:
            yield customer_id(made.customer), at_work


def _open(made: Contract, day: date) -> Ends:
    """Give the last end that was decided, and those within the horizon that are not."""
    decided, ahead = made.started_on, list[date]()
    for number in count(1):
        last = made.period_ends(number)
        if last >= day + timedelta(days=HORIZON_DAYS):
            return decided, ahead
        if made.decided_on(last) > day:
            ahead.append(last)
        else:
            decided = last
    raise AssertionError(made)


def _wants(now: Now, made: Contract, ends: Ends) -> float:
    """Probability of going on at each end that comes; over to another plan is not away."""
    months = [month_of(made.decided_on(last), now.day) for last in ends[1]]
    company = made.customer in now.firms
    stays = chance_to_stay(made.plan, now.state(made), months, company=company)
    return stays + (1 - stays) * SWITCHES if made.plan is LIGHT else stays


def _leaver_stays(now: Now, made: Contract, ends: Ends) -> float:
    """Probability that a customer who was one at the last decision is one at the last end to come.

    Who takes a subscription leaves within a year less often than others (`RASH`).
    """
    decided, ahead = ends
    if not ahead:
        return 1.0
    rate, first = float(now.people.leaving_rate[made.customer]), now.first(made.customer)
    return _beyond(rate, (ahead[-1] - first).days) / _beyond(rate, (decided - first).days)


def _beyond(rate: float, days: int) -> float:
    """Say how likely a customer leaves after so many days, up to a factor."""
    loyal = exp(-rate * max(days, LOYAL_DAYS))
    return loyal + RASH * max(0.0, exp(-rate * days) - exp(-rate * LOYAL_DAYS))
