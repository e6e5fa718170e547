"""The truth of who will end a subscription, and why: what only a simulation can know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
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


def leaving_truth(drawn: Subscriptions, people: People, firms: frozenset[int]) -> dict[str, Any]:
    """Give each customer's probability of having no contract within the horizon, if none is signed.

    Of those with one contract that runs; who has given notice is named apart.
    """
    first: dict[int, date] = {}
    for made in drawn.contracts:
        day = first.get(made.customer, made.started_on)
        first[made.customer] = min(day, made.started_on)
    alone = [made for made in _alone(drawn) if made.ended_on is None]
    found = {
        customer_id(made.customer): 1
        - _leaver_stays(drawn, made, first[made.customer], people)
        * _wants(drawn, made, made.customer in firms)
        for made in alone
    }
    return {
        "horizon_days": HORIZON_DAYS,
        "coefficients": {name: asdict(DRIVERS)[name] for name in ("use", "effort", "payment")},
        "probability": found,
        "drivers": dict(_drivers(drawn, alone)),
        "noticed": sorted(customer_id(m.customer) for m in _alone(drawn) if m.ended_on),
    }


def _alone(drawn: Subscriptions) -> list[Contract]:
    """Give the running contracts of customers who have one alone."""
    running = [made for made in drawn.contracts if made.runs_on(drawn.as_of)]
    many = Counter(made.customer for made in running)
    return [made for made in running if many[made.customer] == 1]


def _drivers(drawn: Subscriptions, alone: list[Contract]) -> Iterator[tuple[str, list[str]]]:
    for made in alone:
        at_work = named(_state(drawn, made), made.plan)
        if at_work:
            yield customer_id(made.customer), at_work


def _state(drawn: Subscriptions, made: Contract) -> tuple[int, ...]:
    """Give the state at the end of the last day."""
    return state_before(drawn, made, drawn.as_of + timedelta(days=1))


def _open(drawn: Subscriptions, made: Contract) -> tuple[date, list[date]]:
    """Give the last end that was decided, and those within the horizon that are not."""
    decided, ahead = made.started_on, list[date]()
    for number in count(1):
        last = made.period_ends(number)
        if last >= drawn.as_of + timedelta(days=HORIZON_DAYS):
            return decided, ahead
        if made.decided_on(last) > drawn.as_of:
            ahead.append(last)
        else:
            decided = last
    raise AssertionError(made)


def _wants(drawn: Subscriptions, made: Contract, company: bool) -> float:
    """Probability of going on at each end that comes; over to another plan is not away."""
    _, ahead = _open(drawn, made)
    months = [month_of(made.decided_on(last), drawn.as_of) for last in ahead]
    stays = chance_to_stay(made.plan, _state(drawn, made), months, company=company)
    return stays + (1 - stays) * SWITCHES if made.plan is LIGHT else stays


def _leaver_stays(drawn: Subscriptions, made: Contract, first: date, people: People) -> float:
    """Probability that a customer who was one at the last decision is one at the last end to come.

    Who takes a subscription leaves within a year less often than others (`RASH`).
    """
    decided, ahead = _open(drawn, made)
    if not ahead:
        return 1.0
    rate = float(people.leaving_rate[made.customer])
    return _beyond(rate, (ahead[-1] - first).days) / _beyond(rate, (decided - first).days)


def _beyond(rate: float, days: int) -> float:
    """Say how likely a customer leaves after so many days, up to a factor."""
    loyal = exp(-rate * max(days, LOYAL_DAYS))
    return loyal + RASH * max(0.0, exp(-rate * days) - exp(-rate * LOYAL_DAYS))
