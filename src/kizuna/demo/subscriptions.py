"""The flower subscription: who takes it, what changes, who ends it; each yen of it is known.

A subscription is billed apart: its bills are not in the order log. Drawn apart from the orders, so
that neither changes the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from kizuna.demo.behaviour import People
from kizuna.demo.lives import Life, month_of, risk
from kizuna.demo.plans import (
    GIFT,
    LIGHT,
    OF_PERSONS,
    OFFICE,
    REASONS,
    RISE,
    STANDARD,
    SWITCHED,
    Plan,
    Reason,
)

OFFERED_MONTHS, RISE_MONTHS = 24, 8
"""Months before the last day in which the subscription began, and in which its prices rose."""
PERSONS, OFFICES, GIFTS, RETURNS, SWITCHES, MORE_SEATS = 0.45, 0.9, 0.2, 0.2, 0.25, 0.08
MOST_SEATS, LOYAL_DAYS, RASH = 16, 365, 0.05


@dataclass(slots=True)
class Contract:
    """A subscription as it was agreed at its start, and how it ended."""

    customer: int
    plan: Plan
    started_on: date
    price: int
    seats: int | None = None
    ended_on: date | None = None
    cancelled_on: date | None = None
    reason: Reason | None = None
    ahead: int = 0
    """Days before the end of a period at which it is decided whether to go on."""

    def period_ends(self, number: int) -> date:
        """Last day of its period of that number, from 1."""
        months = number * (self.plan.term or self.plan.billing_months)
        return months_later(self.started_on, months) - timedelta(days=1)

    def decided_on(self, last: date) -> date:
        """Day on which it is decided whether to go on beyond the last day of a period."""
        return max(self.started_on, last - timedelta(days=self.ahead))

    def runs_on(self, day: date) -> bool:
        """Whether it runs on a day."""
        return self.started_on <= day and (self.ended_on is None or self.ended_on >= day)


@dataclass(frozen=True, slots=True)
class Change:
    """New terms of a contract, from a day on."""

    contract: int
    changed_on: date
    amount: int
    seats: int | None = None


@dataclass(slots=True)
class Subscriptions:
    """All contracts in the order in which they were drawn, and what changed of them."""

    as_of: date
    lives: Mapping[int, Life]
    contracts: list[Contract] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def rises_on(self) -> date:
        """Give the day from which prices are higher."""
        return months_later(self.as_of.replace(day=1), -RISE_MONTHS)

    @property
    def offered_on(self) -> date:
        """First day on which anybody could subscribe."""
        return months_later(self.as_of.replace(day=1), -OFFERED_MONTHS)

    def price(self, plan: Plan, day: date) -> int:
        """Price of a plan for who begins on a day."""
        return RISE.get(plan.key, plan.price) if day >= self.rises_on else plan.price


def draw_subscriptions(
    people: People,
    offices: Collection[int],
    start: date,
    as_of: date,
    lives: Mapping[int, Life],
    chance: Random,
) -> Subscriptions:
    """Draw the contracts of all customers; `offices` are those who may take seats."""
    drawn = Subscriptions(as_of, lives)
    firms = frozenset(offices)
    for number, (first, leaves) in enumerate(zip(people.first, people.leaves, strict=True)):
        begins = start + timedelta(days=int(first) + 5 + int(chance.expovariate(1 / 60)))
        until = start + timedelta(days=int(min(leaves, 100_000)))
        begins = max(begins, drawn.offered_on + timedelta(days=chance.randrange(200)))
        wanted = OFFICES if number in firms else PERSONS
        if begins < min(until, as_of) and chance.random() < wanted * _keenness(begins, until):
            take = _office if number in firms else _person
            take(drawn, number, begins, until, chance)
    return drawn


def _keenness(begins: date, until: date) -> float:
    """Say how likely it is taken: who is about to leave seldom does."""
    return 1.0 if (until - begins).days > LOYAL_DAYS else RASH


def months_later(day: date, months: int) -> date:
    """Give the same day some months later; the last of a month that is shorter."""
    month = day.year * 12 + day.month - 1 + months
    for last in (day.day, 30, 29, 28):
        try:
            return date(month // 12, month % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def _person(drawn: Subscriptions, customer: int, begins: date, until: date, chance: Random) -> None:
    plan = chance.choices([p for p, _ in OF_PERSONS], [weight for _, weight in OF_PERSONS])[0]
    ended = _run(drawn, Contract(customer, plan, begins, drawn.price(plan, begins)), until, chance)
    if ended and plan is LIGHT and ended < min(until, drawn.as_of) and chance.random() < SWITCHES:
        drawn.contracts[-1].reason = SWITCHED
        ended = _again(drawn, customer, STANDARD, ended + timedelta(days=1), until, chance)
    elif ended and ended < until and chance.random() < RETURNS:
        back = ended + timedelta(days=chance.randint(40, 150))
        _again(drawn, customer, plan, back, until, chance)
    if chance.random() < GIFTS:
        second = begins + timedelta(days=chance.randint(10, 200))
        _again(drawn, customer, GIFT, second, until, chance)


def _again(
    drawn: Subscriptions, customer: int, plan: Plan, begins: date, until: date, chance: Random
) -> date | None:
    if begins >= min(until, drawn.as_of):
        return None
    return _run(drawn, Contract(customer, plan, begins, drawn.price(plan, begins)), until, chance)


def _run(drawn: Subscriptions, made: Contract, until: date, chance: Random) -> date | None:
    """Let a contract run from period to period; give its last day, if that has come."""
    drawn.contracts.append(made)
    _end(drawn, made, until, chance)
    if made.started_on < drawn.rises_on and made.plan.key in RISE and made.runs_on(drawn.rises_on):
        amount = RISE[made.plan.key]
        drawn.changes.append(Change(len(drawn.contracts) - 1, drawn.rises_on, amount))
    return made.ended_on


def _end(drawn: Subscriptions, made: Contract, until: date, chance: Random) -> None:
    """End it where the customer leaves, or no longer wants it; at the end of a period always."""
    made.ahead = made.plan.notice_days + chance.randint(1, 20)
    for number in count(1):
        last = made.period_ends(number)
        decided_on = made.decided_on(last)
        if decided_on > drawn.as_of:
            return
        if last >= until or chance.random() < _risk(drawn, made, decided_on):
            break
    made.ended_on, made.cancelled_on = last, decided_on
    made.reason = chance.choices(REASONS, [reason.weight for reason in REASONS])[0]


def _risk(drawn: Subscriptions, made: Contract, day: date) -> float:
    """Give the probability of ending it, as the months before the day have made it."""
    return risk(made.plan, state_before(drawn, made, day))


def state_before(drawn: Subscriptions, made: Contract, day: date) -> tuple[int, ...]:
    """Give what the months before the month of a day have brought to a customer."""
    month, since = month_of(day, drawn.offered_on), month_of(made.started_on, drawn.offered_on)
    return drawn.lives[made.customer].seen(month - 1, since)


def _office(drawn: Subscriptions, customer: int, begins: date, until: date, chance: Random) -> None:
    """Let a company take seats; now and then it takes more, or gives some up."""
    seats = chance.randint(2, MOST_SEATS)
    made = Contract(customer, OFFICE, begins, OFFICE.price * seats, seats)
    _run(drawn, made, until, chance)
    number, day = len(drawn.contracts) - 1, months_later(begins, 1)
    while day <= drawn.as_of and made.runs_on(day):
        if chance.random() < MORE_SEATS * 2:
            seats = max(1, seats + chance.choice((-3, -1, 1, 2, 4)))
            drawn.changes.append(Change(number, day, OFFICE.price * seats, seats))
        day = months_later(day, 1)


def seats_on(drawn: Subscriptions, day: date) -> dict[int, int]:
    """Give the seats of each company whose contract runs on a day."""
    found = {n: c.seats for n, c in enumerate(drawn.contracts) if c.seats and c.runs_on(day)}
    for change in drawn.changes:
        if change.contract in found and change.seats and change.changed_on <= day:
            found[change.contract] = change.seats
    return {drawn.contracts[n].customer: seats for n, seats in found.items() if seats}
